-- SPDX-License-Identifier: MIT
-- modem:script[[ ... ]]: a pasted log as a sequence of expectations.
--
--   > AT+CSQ          the host must send this command; a chain is its parts, one after the other
--   < +CSQ: 20,99     the modem's next line must be this one; its echo and its URCs do not count
--   ! +QIND: "x"      the modem must say this URC
--   ...               any number of lines of the modem
--   # a comment
--
-- In each text %d stands for any number.
local hw = ...
local trace, failure, match = hw.trace, hw.failure, hw.match

local LINE_DEFAULT = "10s"
local LINE_MAX = 1000

local Modem = hw.class("Modem")

-- ---- reading ----

---A text with %d as a Lua pattern that fits all of it; nil when it is literal.
local function number_pattern(text)
  if not text:find("%%d") then return nil end
  local parts = {}
  for piece in (text .. "%d"):gmatch("(.-)%%d") do parts[#parts + 1] = piece:gsub("%p", "%%%0") end
  return "^" .. table.concat(parts, "%-?%d+") .. "$"
end

local function fits(text, wanted)
  local pattern = number_pattern(wanted)
  if pattern then return text:find(pattern) ~= nil end
  return text == wanted
end

---The commands of a chain: split at ';' outside quotes; all but the first get their AT back.
local function split_chain(text)
  local parts, start, quoted = {}, 1, false
  for i = 1, #text do
    local c = text:sub(i, i)
    if c == '"' then quoted = not quoted end
    if c == ";" and not quoted then
      parts[#parts + 1] = text:sub(start, i - 1)
      start = i + 1
    end
  end
  parts[#parts + 1] = text:sub(start)
  for i = 2, #parts do
    if not parts[i]:find("^[Aa][Tt]") then parts[i] = "AT" .. parts[i] end
  end
  if parts[#parts] == "AT" and #parts > 1 then parts[#parts] = nil end
  return parts
end

local function parse(source)
  local steps, number = {}, 0
  for line in (source .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    if number > LINE_MAX then hw.usage(("modem:script: more than %d lines"):format(LINE_MAX)) end
    local text = line:match("^%s*(.-)%s*$")
    local sign, rest = text:match("^([<>!])%s?%s*(.*)$")
    if text == "..." then
      steps[#steps + 1] = { sign = "...", number = number, text = text }
    elseif sign and rest ~= "" then
      steps[#steps + 1] = { sign = sign, number = number, text = rest }
    elseif text ~= "" and text:sub(1, 1) ~= "#" then
      hw.usage(('modem:script: line %d: "%s" begins with none of > < ! # ...'):format(number, hw.visible(text)))
    end
  end
  return steps
end

-- ---- the modem's lines ----

---What the modem sent since `from`, cut into lines; blank ones are left out.
local function new_reader(who, from)
  return { who = who, from = from, position = from, partial = "", lines = {}, next = 1 }
end

local function read_on(reader, last)
  local seq, data, t_us = trace.find("tx", reader.who, reader.position)
  while seq and t_us <= last do
    reader.position = seq + 1
    reader.partial = (reader.partial .. data):gsub("([^\r\n]*)[\r\n]", function(line)
      if line ~= "" then reader.lines[#reader.lines + 1] = line end
      return ""
    end)
    seq, data, t_us = trace.find("tx", reader.who, reader.position)
  end
end

hw.script = { new_reader = new_reader }

---Whether such a line is among those that were read, or has come since.
function hw.script.has_line(reader, wanted)
  read_on(reader, hw.now())
  for _, line in ipairs(reader.lines) do
    if fits(line, wanted) then return true end
  end
  return false
end

---Whether a line of the modem was an URC.
local function is_urc(reader, text)
  local seq, data = trace.find("urc", reader.who, reader.from)
  while seq do
    if data == text then return true end
    seq, data = trace.find("urc", reader.who, seq + 1)
  end
  return false
end

-- ---- running ----

local function where(step)
  return ('line %d of the script, "%s %s"'):format(step.number, step.sign, step.text)
end

local function fail(run, step, message)
  local rows = {}
  failure.add_matched(rows, run.st.matched)
  failure.add(rows, "script", where(step))
  failure.add_tail(rows, run.st.cursor)
  hw.fail { message = message, rows = rows, because = run.opts.because }
end

local function expect_command(run, step, wanted)
  local st = run.st
  local what = number_pattern(wanted) and function(cmd) return fits(match.normal(cmd.text), match.normal(wanted)) end
    or wanted
  local matcher = match.command(what, "modem:script: line " .. step.number)
  local look = hw.modem.scanner("cmd", st.name, st.cursor, function(data, t_us, who, seq)
    if matcher.test(data, t_us, who) then return { text = data, t_us = t_us, who = who, seq = seq } end
  end)
  local hit = hw.await(look, hw.now() + run.limit, "cmd")
  if not hit then
    fail(run, step, ('the host did not send "%s" within %s of modem time%s'):format(hw.visible(wanted),
      hw.span(run.limit), failure.other_side(run.modem)))
  end
  hw.modem.take_command(st, hit)
  run.reader = new_reader(hit.who, hit.seq)
end

local function expect_line(run, step, skip)
  local reader, unexpected = run.reader, nil
  local found = hw.await(function(last)
    read_on(reader, last)
    while reader.lines[reader.next] do
      local line = reader.lines[reader.next]
      reader.next = reader.next + 1
      if fits(line, step.text) then return true end
      if not (skip or run.echo[line] or is_urc(reader, line)) then
        unexpected = line
        return true
      end
    end
  end, hw.now() + run.limit)
  if unexpected then
    fail(run, step, ('%s answered "%s" where the script has "%s"'):format(run.st.name, hw.visible(unexpected),
      hw.visible(step.text)))
  elseif not found then
    fail(run, step, ('%s did not answer "%s" within %s of modem time'):format(run.st.name, hw.visible(step.text),
      hw.span(run.limit)))
  end
end

local function expect_urc(run, step)
  local st = run.st
  local look = hw.modem.scanner("urc", run.first_line, st.urc_cursor, function(data, _, _, seq)
    return fits(data, step.text) and { seq = seq }
  end)
  local hit = hw.await(look, hw.now() + run.limit, "urc")
  if not hit then
    fail(run, step, ('%s did not say "%s" within %s of modem time'):format(st.name, hw.visible(step.text),
      hw.span(run.limit)))
  end
  st.urc_cursor = hit.seq + 1
end

---Play a pasted log: what the host must send, and what the modem must answer.
---@param source string
---@param opts? {within?: string, because?: string}  within is the limit of each line
function Modem:script(source, opts)
  local st = hw.modem.state_of(self)
  hw.check_type(source, "string", "modem:script: the script")
  opts = hw.options(opts, { "within", "because" }, "modem:script")
  local run = { modem = self, st = st, opts = opts, limit = hw.limit(opts, LINE_DEFAULT), echo = {} }
  run.first_line = hw.modem.line_who(self)
  run.reader = new_reader(run.first_line, st.cursor)
  local skip = false
  for _, step in ipairs(parse(source)) do
    if step.sign == "..." then
      skip = true
    elseif step.sign == ">" then
      run.echo[step.text] = true
      for _, part in ipairs(split_chain(step.text)) do expect_command(run, step, part) end
      skip = false
    elseif step.sign == "<" then
      expect_line(run, step, skip)
      skip = false
    else
      expect_urc(run, step)
    end
  end
end
