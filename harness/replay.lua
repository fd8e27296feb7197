-- SPDX-License-Identifier: MIT
-- modem:replay[[ ... ]]: a modem that answers as a recorded one did; what `hayeswire record` writes.
--
--   +00:12.345  >  AT+CSQ          the host sent this
--   +00:12.350  <  +CSQ: 20,99     and these lines answered it, the last one being the result
--   +00:12.351  <  OK
--   +00:15.002  !  +QIND: "x"      the modem said this by itself
--   +00:15.100  ~  \x01\x02\r      the modem sent these bytes, which are no line: in a reply, or by itself
--   +00:16.000  >  AT+CMGS="1"
--   +00:16.010  <  >               a prompt;
--   +00:16.020  >  Hello\x1a       what follows it is data, of which a host may send others
--   +00:20.000  *  gone            the tty vanished, as it does with USB; "*  back" brings it again
--   +00:21.000 uart2  !  +Y: 10    a further port: its name stands behind the time
--   # a comment
--
-- A host under test does not send the same commands at the same times: it polls more often or less. So there is a
-- place in the log of each port, which goes forward when the host sends a command that stands there. From its place
-- on, a command is looked for up to the first one that the host has not sent yet; if it is not there, the last answer
-- before counts again. What the modem does by itself follows the places: each act comes as long after the one before
-- it (a command, or another act) as it did when it was recorded.
local hw = ...
local match = hw.match

local ENTRY_MAX = 100000
local WAIT_DEFAULT = "10m"

-- Basic commands about the line itself are left to the dialect, which has to obey them.
local OWN = { [""] = true, E = true, V = true, Q = true, X = true, Z = true, S = true, ["&F"] = true, ["&W"] = true }

local Modem = hw.class("Modem")

-- ---- reading ----

local ESCAPES = { r = "\r", n = "\n", t = "\t", ["\\"] = "\\" }

local function unescaped(text)
  text = text:gsub("\\([rnt\\])", function(letter) return "\0" .. ESCAPES[letter] end)
  text = text:gsub("\\x(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
  return (text:gsub("%z(.)", "%1"))
end

local function time_of(text)
  local us = 0
  for part in text:gmatch("[%d.]+") do us = us * 60 + tonumber(part) end
  return math.tointeger(us * 1000000 // 1)
end

---The commands of a line: split at ';' outside quotes; a basic command may follow another without one.
local function split_line(text)
  local parts, start, quoted = {}, 3, false
  for i = 3, #text do
    local c = text:sub(i, i)
    if c == '"' then quoted = not quoted end
    if c == ";" and not quoted then
      parts[#parts + 1] = "AT" .. text:sub(start, i - 1)
      start = i + 1
    end
  end
  if start <= #text or #parts == 0 then parts[#parts + 1] = "AT" .. text:sub(start) end
  return parts
end

local function name_of(command)
  local name = match.normal(command):match("^AT([^=?]*)") or ""
  return name:match("^&?%a") or name
end

---Information belongs to the command of a line that it names, and to the last one otherwise.
local function share_out(entries, open)
  for _, line in ipairs(open.info) do
    local owner = #open.parts
    for i = #open.parts, 1, -1 do
      local name = name_of(open.parts[i])
      if #name > 1 and line:sub(1, #name + 1) == name .. ":" then owner = i end
    end
    local lines = entries[#entries - #open.parts + owner].info
    lines[#lines + 1] = line
  end
  local last = entries[#entries]
  last.result, last.raw, last.prompt_us = open.result, open.raw, open.prompt_us
end

local function is_result(text)
  return hw.modem.result_code(text) ~= nil or text:find("^%+CM[ES] ERROR:") ~= nil
end

-- A log being read: `ports` has the entries of each port by its name, `acts` what the modem did by itself, `open` the
-- commands of which more is to come.

local function close(reader, port)
  local open = reader.open[port]
  if open then share_out(reader.ports[port], open) end
  reader.open[port] = nil
end

local function read_host(reader, port, t_us, text)
  local open, log = reader.open[port], reader.ports[port]
  if open and open.prompt_us and not open.has_data then
    open.has_data, open.t_us = true, t_us
    return
  end
  close(reader, port)
  open = { parts = split_line(text), info = {}, t_us = t_us }
  reader.open[port] = open
  for _, part in ipairs(open.parts) do
    log[#log + 1] = { text = match.normal(part), name = name_of(part), t_us = t_us, info = {}, result = "OK",
      answer_us = 0 }
  end
  log[#log].result = nil
  reader.last = { port = port, index = #log }
end

local function read_act(reader, port, t_us, act)
  local open = reader.last and reader.open[reader.last.port]
  act.port, act.t_us, act.anchor = port, t_us, reader.last
  act.follows_reply = open ~= nil and open.result ~= nil
  reader.acts[#reader.acts + 1] = act
end

local function read_reply(reader, port, t_us, text, number)
  local open, log = reader.open[port], reader.ports[port]
  if not open then hw.usage(("modem:replay: line %d answers no command"):format(number)) end
  if text:find("^>%s*$") then
    open.prompt_us = t_us - open.t_us
    return
  end
  if is_result(text) then open.result = text else open.info[#open.info + 1] = text end
  log[#log].answer_us = t_us - open.t_us
end

local function read_bytes(reader, port, t_us, text)
  local open = reader.open[port]
  if open and not open.result then
    open.raw = (open.raw or "") .. text
    reader.ports[port][#reader.ports[port]].answer_us = t_us - open.t_us
  else
    read_act(reader, port, t_us, { bytes = text })
  end
end

local function read_line(reader, line, number)
  local time, port, sign, text = line:match("^%s*%+?([%d:.]+)%s+([%w_.-]*)%s*([<>!~*])%s?%s?(.*)$")
  if not time then
    if line:find("%S") and not line:find("^%s*#") then
      hw.usage(('modem:replay: line %d: "%s" is no "+00:01.234  >  text"'):format(number, hw.visible(line)))
    end
    return
  end
  local t_us = time_of(time)
  text = unescaped(text)
  if not reader.ports[port] then
    hw.usage(('modem:replay: line %d: which modem is "%s"? Write modem:replay(log, { %s = modem })'):format(number,
      port, port))
  end
  if sign == ">" then
    read_host(reader, port, t_us, text)
  elseif sign == "<" then
    read_reply(reader, port, t_us, text, number)
  elseif sign == "~" then
    read_bytes(reader, port, t_us, text)
  elseif sign == "!" then
    read_act(reader, port, t_us, { urc = text })
  else
    read_act(reader, port, t_us, { link = hw.check_word(text, { "gone", "back" }, "modem:replay: *") })
  end
end

---@return table log  ports: their entries {text, name, t_us, info, raw, result, answer_us, prompt_us}; acts
local function parse(source, modems)
  local reader = { ports = {}, open = {}, acts = {} }
  for port in pairs(modems) do reader.ports[port] = {} end
  local number = 0
  for line in (source .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    if number > ENTRY_MAX then hw.usage(("modem:replay: more than %d lines"):format(ENTRY_MAX)) end
    read_line(reader, line, number)
  end
  for port in pairs(modems) do close(reader, port) end
  return reader
end

-- ---- answering ----

local function find_forward(stream, text)
  for i = stream.place + 1, #stream.log do
    local entry = stream.log[i]
    if entry.text == text then return i end
    if not OWN[entry.name] and not stream.sent[entry.text] then return nil end
  end
end

local function find_back(stream, fits)
  for i = math.max(stream.place, 1), 1, -1 do
    if stream.log[i] and fits(stream.log[i]) then return i end
  end
  for i = stream.place + 1, #stream.log do
    if fits(stream.log[i]) then return i end
  end
end

local function form_of(text)
  return text:match("=%?$") or text:match("[=?]") or ""
end

---The entry that answers a command: the same text, or else the same name and form.
local function entry_for(stream, text)
  local form = form_of(text)
  local name = name_of(text)
  local i = find_forward(stream, text) or find_back(stream, function(entry) return entry.text == text end)
    or find_back(stream, function(entry) return entry.name == name and form_of(entry.text) == form end)
  return i and stream.log[i], i
end

local function move(stream, entry, i)
  stream.sent[entry.text] = true
  if i > stream.place then
    stream.place = i
    stream.moved_us = hw.now()
    hw.wake()
  end
end

local function pause(us)
  if us > 0 then hw.pause(us) end
end

---The answer is given as soon as the function returns; acts that came behind it may go on then.
local function note_answer(stream, entry)
  stream.answered[entry] = true
  hw.wake()
end

local function answer(stream, cmd)
  local text = match.normal(cmd.text)
  local entry, i = entry_for(stream, text)
  if cmd.data ~= nil and stream.prompted then
    entry, stream.prompted = stream.prompted, nil
  elseif not entry then
    return nil, false
  else
    move(stream, entry, i)
    if entry.prompt_us then
      stream.prompted = entry
      pause(entry.prompt_us)
      return nil, ">"
    end
  end
  pause(entry.answer_us)
  note_answer(stream, entry)
  local result = entry.result or "" -- it was never answered, or in words that are no result
  if entry.raw then return { raw = entry.raw }, hw.modem.result_code(result) and result or "" end
  if result == "" then return entry.info, "" end
  if not entry.result:find("^%+") then return entry.info, entry.result end
  -- As it was, whatever +CMEE says here.
  local lines = { table.unpack(entry.info) }
  lines[#lines + 1] = entry.result
  return lines, ""
end

-- ---- acting by itself ----

---The place that an act waits for: commands that are not ours to see do not count.
local function anchor_of(replay, act)
  if not act.anchor then return nil, 0 end
  local stream, i = replay.streams[act.anchor.port], act.anchor.index
  while i > 0 and OWN[stream.log[i].name] do i = i - 1 end
  return stream, i
end

local function perform(modem, act)
  if act.link == "gone" then
    modem:detach()
  elseif act.link == "back" then
    modem:attach()
  elseif act.bytes then
    modem:raw(act.bytes)
  elseif act.urc:find("[^\x20-\x7e]") or #act.urc > 500 then
    modem:raw(act.urc .. "\r\n")
  else
    modem:urc(act.urc)
  end
end

local function is_reached(stream, anchor, act)
  if not stream or stream.place > anchor then return true end
  if stream.place < anchor then return false end
  return anchor == 0 or not act.follows_reply or stream.answered[stream.log[anchor]] == true
end

local function speak(replay)
  local done_us, done_t = hw.now(), 0
  for _, act in ipairs(replay.acts) do
    local modem = replay.streams[act.port].modem
    local stream, anchor = anchor_of(replay, act)
    while not is_reached(stream, anchor, act) or modem.power ~= "on" do hw.yield(nil) end
    local from_us, from_t = done_us, done_t
    if anchor > 0 and stream.log[anchor].t_us >= done_t and stream.place == anchor then
      from_us, from_t = stream.moved_us, stream.log[anchor].t_us
    end
    local due = from_us + math.max(0, act.t_us - from_t)
    while hw.now() < due do hw.yield(due) end
    perform(modem, act)
    done_us, done_t = hw.now(), act.t_us
  end
  replay.is_over = true
  hw.wake()
end

local Replay = { __name = "replay", __metatable = false }
Replay.__index = Replay

---The first command that the host has not sent yet.
local function missing_of(replay)
  for _, port in ipairs(replay.order) do
    local stream = replay.streams[port]
    for _, entry in ipairs(stream.log) do
      if not OWN[entry.name] and not stream.sent[entry.text] then return entry.text end
    end
  end
end

---Wait until the host has sent each of the recorded commands, and the modem has done what it did by itself.
---@param opts? {within?: string, because?: string}
function Replay:wait(opts)
  opts = hw.options(opts, { "within", "because" }, "replay:wait")
  local deadline = hw.now() + hw.limit(opts, WAIT_DEFAULT)
  local missing
  local function all_sent()
    missing = missing_of(self)
    return not missing and self.is_over
  end
  if not hw.await(all_sent, deadline) then
    local rows = {}
    hw.failure.add_tail(rows, hw.modem.state_of(self.modem).cursor)
    hw.fail {
      message = missing and ('the host did not send "%s", as it did when it was recorded'):format(hw.visible(missing))
        or "the modem has more to say than there was time for",
      rows = rows, because = opts.because,
    }
  end
end

local function take_over(stream)
  local taken = {}
  for _, entry in ipairs(stream.log) do
    if not OWN[entry.name] and not taken[entry.name] then
      taken[entry.name] = true
      stream.modem:on("AT" .. entry.name, function(cmd) return answer(stream, cmd) end)
    end
  end
end

---Answer as in a recorded log, and do what the modem does by itself. Its times are modem time. Returns at once.
---@param source string
---@param ports? table<string, hayeswire.Modem>  the modems that play the further ports of the log, by their names there
---@return {wait: fun(self, opts?: table)}
function Modem:replay(source, ports)
  hw.modem.state_of(self)
  hw.check_type(source, "string", "modem:replay: the log")
  local modems = { [""] = self }
  for name, modem in pairs(ports == nil and {} or hw.check_type(ports, "table", "modem:replay: the ports")) do
    hw.modem.state_of(modem)
    modems[name] = modem
  end
  local log = parse(source, modems)
  local replay = setmetatable({ modem = self, acts = log.acts, streams = {}, order = hw.sorted_keys(modems),
    is_over = false }, Replay)
  for name, modem in pairs(modems) do
    replay.streams[name] = { modem = modem, log = log.ports[name], place = 0, moved_us = hw.now(), sent = {},
      answered = {} }
    take_over(replay.streams[name])
  end
  hw.spawn(function() speak(replay) end)
  return replay
end
