-- SPDX-License-Identifier: MIT
-- modem:replay[[ ... ]]: a modem that answers as a recorded one did; what `hayeswire record` writes.
--
--   +00:12.345  >  AT+CSQ          the host sent this
--   +00:12.350  <  +CSQ: 20,99     and these lines answered it, the last one being the result
--   +00:12.351  <  OK
--   +00:15.002  !  +QIND: "x"      the modem said this by itself
--   # a comment
--
-- A host under test does not send the same commands at the same times: it polls more often or less. So there is a
-- place in the log, which goes forward when the host sends a command that stands there. From its place on, a command
-- is looked for up to the first one that the host has not sent yet; if it is not there, the last answer before counts
-- again. Unasked lines follow the place: each comes as long after the line before it (a command, or another unasked
-- line) as it did when it was recorded.
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
local function share_out(entries, parts, info, result)
  for _, line in ipairs(info) do
    local owner = #parts
    for i = #parts, 1, -1 do
      local name = name_of(parts[i])
      if #name > 1 and line:sub(1, #name + 1) == name .. ":" then owner = i end
    end
    local lines = entries[#entries - #parts + owner].info
    lines[#lines + 1] = line
  end
  entries[#entries].result = result
end

---@return table[] entries  {text, name, t_us, info, result, answer_us}, and {urc, t_us}
local function parse(source)
  local log, open, number = {}, nil, 0
  local function close()
    if open then share_out(log, open.parts, open.info, open.result) end
    open = nil
  end
  for line in (source .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    if number > ENTRY_MAX then hw.usage(("modem:replay: more than %d lines"):format(ENTRY_MAX)) end
    local time, sign, text = line:match("^%s*%+?([%d:.]+)%s+([<>!])%s?%s?(.*)$")
    if time then
      local t_us = time_of(time)
      text = unescaped(text)
      if sign == ">" then
        close()
        open = { parts = split_line(text), info = {}, t_us = t_us }
        for _, part in ipairs(open.parts) do
          log[#log + 1] = { text = match.normal(part), name = name_of(part), t_us = t_us, info = {}, result = "OK",
            answer_us = 0 }
        end
        log[#log].result = nil
      elseif sign == "!" then
        log.urcs = log.urcs or {}
        log.urcs[#log.urcs + 1] = { text = text, t_us = t_us, anchor = #log }
      elseif not open then
        hw.usage(("modem:replay: line %d answers no command"):format(number))
      else
        local code = hw.modem.result_code(text)
        if code or text:find("^%+CM[ES] ERROR:") then open.result = text else open.info[#open.info + 1] = text end
        log[#log].answer_us = t_us - open.t_us
      end
    elseif line:find("%S") and not line:find("^%s*#") then
      hw.usage(('modem:replay: line %d: "%s" is no "+00:01.234  >  text"'):format(number, hw.visible(line)))
    end
  end
  close()
  log.urcs = log.urcs or {}
  return log
end

-- ---- answering ----

local function find_forward(replay, text)
  for i = replay.place + 1, #replay.log do
    local entry = replay.log[i]
    if entry.text == text then return i end
    if not OWN[entry.name] and not replay.sent[entry.text] then return nil end
  end
end

local function find_back(replay, fits)
  for i = math.max(replay.place, 1), 1, -1 do
    if fits(replay.log[i]) then return i end
  end
  for i = replay.place + 1, #replay.log do
    if fits(replay.log[i]) then return i end
  end
end

---The entry that answers a command: the same text, or else the same name and form.
local function entry_for(replay, text)
  local form = text:match("=%?$") or text:match("[=?]") or ""
  local name = name_of(text)
  local i = find_forward(replay, text) or find_back(replay, function(entry) return entry.text == text end)
    or find_back(replay, function(entry)
      return entry.name == name and (entry.text:match("=%?$") or entry.text:match("[=?]") or "") == form
    end)
  return i and replay.log[i], i
end

local function answer(replay, cmd)
  local text = match.normal(cmd.text)
  local entry, i = entry_for(replay, text)
  if not entry then return nil, false end
  replay.sent[entry.text] = true
  if i > replay.place then
    replay.place = i
    replay.moved_us = hw.now()
    hw.wake()
  end
  if entry.answer_us > 0 then hw.pause(entry.answer_us) end
  if not entry.result then
    return entry.info, "" -- it was never answered, or in words that are no result
  end
  if not entry.result:find("^%+") then return entry.info, entry.result end
  -- As it was, whatever +CMEE says here.
  local lines = { table.unpack(entry.info) }
  lines[#lines + 1] = entry.result
  return lines, ""
end

---The place that an unasked line waits for: commands that are not ours to see do not count.
local function anchor_of(replay, urc)
  local i = urc.anchor
  while i > 0 and OWN[replay.log[i].name] do i = i - 1 end
  return i
end

local function say(replay, text)
  if text:find("[^\x20-\x7e]") or #text > 500 then
    replay.modem:raw(text .. "\r\n")
  else
    replay.modem:urc(text)
  end
end

local function speak(replay)
  local said_us, said_t = hw.now(), 0
  for _, urc in ipairs(replay.log.urcs) do
    local anchor = anchor_of(replay, urc)
    while replay.place < anchor or replay.modem.power ~= "on" do hw.yield(nil) end
    local from_us, from_t = said_us, said_t
    if anchor > 0 and replay.log[anchor].t_us >= said_t and replay.place == anchor then
      from_us, from_t = replay.moved_us, replay.log[anchor].t_us
    end
    local due = from_us + math.max(0, urc.t_us - from_t)
    while hw.now() < due do hw.yield(due) end
    say(replay, urc.text)
    said_us, said_t = hw.now(), urc.t_us
  end
  replay.is_over = true
  hw.wake()
end

local Replay = { __name = "replay", __metatable = false }
Replay.__index = Replay

---Wait until the host has sent each of the recorded commands, and the modem has said what it said by itself.
---@param opts? {within?: string, because?: string}
function Replay:wait(opts)
  opts = hw.options(opts, { "within", "because" }, "replay:wait")
  local deadline = hw.now() + hw.limit(opts, WAIT_DEFAULT)
  local missing
  local function all_sent()
    for _, entry in ipairs(self.log) do
      if not OWN[entry.name] and not self.sent[entry.text] then
        missing = entry.text
        return false
      end
    end
    missing = nil
    return self.is_over
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

---Answer as in a recorded log, and say what it says by itself. Its times are modem time. Returns at once.
---@param source string
---@return {wait: fun(self, opts?: table)}
function Modem:replay(source)
  hw.modem.state_of(self)
  hw.check_type(source, "string", "modem:replay: the log")
  local replay = setmetatable({ modem = self, log = parse(source), place = 0, moved_us = hw.now(), sent = {},
    is_over = false }, Replay)
  local taken = {}
  for _, entry in ipairs(replay.log) do
    if not OWN[entry.name] and not taken[entry.name] then
      taken[entry.name] = true
      self:on("AT" .. entry.name, function(cmd) return answer(replay, cmd) end)
    end
  end
  hw.spawn(function() speak(replay) end)
  return replay
end
