-- SPDX-License-Identifier: MIT
-- Class Modem: expectations, waits, power, overrides. What needs no waiting is in bind_modem.c.
--
-- A modem has four cursors into the record, one each for commands, URCs, states of its power and of its upgrade. A
-- successful expectation moves its cursor behind what it matched; looking back (saw, count, never) moves none.
local hw = ...
local trace, failure, match = hw.trace, hw.failure, hw.match

local EXPECT_DEFAULT, WAIT_DEFAULT, NEVER_DEFAULT = "10s", "10s", "2s"

---@class hayeswire.Modem
local Modem = hw.class("Modem")

---The Lua-side state of a modem.
local function state_of(modem)
  local st = hw.state(modem, "Modem")
  if not st.name then
    st.name = modem.name
    st.cursor, st.urc_cursor, st.power_cursor, st.fota_cursor = 0, 0, 0, 0
    st.matched = {}
  end
  return st
end

---Remember a match for "matched so far".
local function note_match(st, text, t_us)
  local _, line = hw.here()
  st.matched[#st.matched + 1] = { line = line, text = text, t_us = t_us }
end

---Look on through the records of a kind, from where the last look ended.
---@return fun(last: integer): any  a check for hw.await: the first true value of visit(data, t_us, who, seq)
local function scanner(kind, who, from, visit)
  local position = from
  return function(last)
    while true do
      local seq, data, t_us, where = trace.find(kind, who, position)
      if not seq then
        position = math.max(position, trace.next())
        return nil
      end
      if t_us > last then return nil end -- it came, but too late
      position = seq + 1
      local value = visit(data, t_us, where, seq)
      if value then return value end
    end
  end
end

local function await_record(kind, speaker, from, deadline, matcher)
  return hw.await(scanner(kind, speaker, from, function(data, t_us, who, seq)
    if matcher.test(data, t_us, who) then return { text = data, t_us = t_us, who = who, seq = seq } end
  end), deadline, kind)
end

local function take_command(st, hit)
  st.cursor = math.max(st.cursor, hit.seq + 1)
  note_match(st, hit.text, hit.t_us)
  st.last_command = hit
  return match.new_command(hit.text, hit.t_us, hit.who)
end

-- ---- commands ----

local function command_rows(st, matchers, from)
  local rows = {}
  failure.add_matched(rows, st.matched)
  for _, matcher in ipairs(matchers) do
    failure.add_earlier(rows, "cmd", st.name, from, matcher.test)
    if matcher.literal then failure.add_nearest(rows, "cmd", st.name, from, matcher.literal, match.normal) end
  end
  failure.add_tail(rows, from)
  return rows
end

local function within_text(us)
  return ("within %s of modem time"):format(hw.span(us))
end

---Wait for a command of the host. A text is the whole command, or its beginning up to a final "=".
---@param what string|hayeswire.Pattern|fun(cmd: hayeswire.Command): boolean
---@param opts? {within?: string, because?: string}
---@return hayeswire.Command
function Modem:expect(what, opts)
  local st = state_of(self)
  opts = hw.options(opts, { "within", "because" }, "modem:expect")
  local matcher, limit, from = match.command(what, "modem:expect"), hw.limit(opts, EXPECT_DEFAULT), st.cursor
  local hit = await_record("cmd", st.name, from, hw.now() + limit, matcher)
  if not hit then
    hw.fail {
      message = ("the host did not send %s %s%s"):format(matcher.show, within_text(limit), failure.other_side(self)),
      rows = command_rows(st, { matcher }, from), because = opts.because,
    }
  end
  return take_command(st, hit)
end

---Split the table of expect_any and expect_all into matchers and options.
local function alternatives(given, caller)
  hw.check_type(given, "table", caller .. ": the list of commands")
  local matchers, opts = {}, {}
  for i, what in ipairs(given) do matchers[i] = match.command(what, caller) end
  for key, value in pairs(given) do
    if not (math.type(key) == "integer" and matchers[key]) then opts[key] = value end
  end
  if #matchers == 0 then hw.usage(caller .. ": the list of commands is empty") end
  return matchers, hw.options(opts, { "within", "because" }, caller)
end

local function shown(matchers, separator)
  local parts = {}
  for i, matcher in ipairs(matchers) do parts[i] = matcher.show end
  return table.concat(parts, separator)
end

---Wait for the first of several commands.
---@param given table  the commands, with within and because as in expect
---@return integer index
---@return hayeswire.Command
function Modem:expect_any(given)
  local st = state_of(self)
  local matchers, opts = alternatives(given, "modem:expect_any")
  local limit, from = hw.limit(opts, EXPECT_DEFAULT), st.cursor
  local found
  local hit = await_record("cmd", st.name, from, hw.now() + limit, {
    test = function(data, t_us, who)
      for i, matcher in ipairs(matchers) do
        if matcher.test(data, t_us, who) then
          found = i
          return true
        end
      end
    end,
  })
  if not hit then
    hw.fail {
      message = ("the host sent none of %s %s%s"):format(shown(matchers, ", "), within_text(limit),
        failure.other_side(self)),
      rows = command_rows(st, matchers, from), because = opts.because,
    }
  end
  return found, take_command(st, hit)
end

---Wait for several commands in any order.
---@param given table  the commands, with within and because as in expect
---@return hayeswire.Command[]  in the order of the list
function Modem:expect_all(given)
  local st = state_of(self)
  local matchers, opts = alternatives(given, "modem:expect_all")
  local limit, from = hw.limit(opts, EXPECT_DEFAULT), st.cursor
  local hits, missing = {}, #matchers
  local done = hw.await(scanner("cmd", st.name, from, function(data, t_us, who, seq)
    for i, matcher in ipairs(matchers) do
      if not hits[i] and matcher.test(data, t_us, who) then
        hits[i] = { text = data, t_us = t_us, who = who, seq = seq }
        missing = missing - 1
        break
      end
    end
    return missing == 0
  end), hw.now() + limit, "cmd")
  if not done then
    local open = {}
    for i, matcher in ipairs(matchers) do
      if not hits[i] then open[#open + 1] = matcher end
    end
    hw.fail {
      message = ("the host did not send %s %s%s"):format(shown(open, ", "), within_text(limit),
        failure.other_side(self)),
      rows = command_rows(st, open, from), because = opts.because,
    }
  end
  local commands = {}
  for i = 1, #matchers do commands[i] = take_command(st, hits[i]) end
  return commands
end

local function look_back(st, matcher, from)
  return scanner("cmd", st.name, from, function(data, t_us, who, seq)
    if matcher.test(data, t_us, who) then return { text = data, t_us = t_us, who = who, seq = seq } end
  end)
end

---The first such command since the start, or nil. Does not wait, and leaves the cursor.
---@param what string|hayeswire.Pattern|fun(cmd: hayeswire.Command): boolean
---@return hayeswire.Command?
function Modem:saw(what)
  local st = state_of(self)
  local hit = look_back(st, match.command(what, "modem:saw"), 0)(math.maxinteger)
  return hit and match.new_command(hit.text, hit.t_us, hit.who)
end

---How many such commands came since the start.
---@param what string|hayeswire.Pattern|fun(cmd: hayeswire.Command): boolean
---@return integer
function Modem:count(what)
  local st = state_of(self)
  local look, count = look_back(st, match.command(what, "modem:count"), 0), 0
  while look(math.maxinteger) do count = count + 1 end
  return count
end

---Fail if such a command came since the last match, or comes within `for_` of modem time.
---@param what string|hayeswire.Pattern|fun(cmd: hayeswire.Command): boolean
---@param opts? {for_?: string, because?: string}
function Modem:never(what, opts)
  local st = state_of(self)
  opts = hw.options(opts, { "for_", "because" }, "modem:never")
  local matcher = match.command(what, "modem:never")
  local us = hw.duration(opts.for_ == nil and NEVER_DEFAULT or opts.for_, "for_")
  local from, over = st.cursor, hw.now() + us
  local look = look_back(st, matcher, from)
  hw.may_wait()
  while true do
    local hit = look(over)
    if hit then
      local rows = {}
      failure.add_matched(rows, st.matched)
      failure.add(rows, "it came", ("%s  at %s"):format(hw.visible(hit.text), hw.clock(hit.t_us)))
      failure.add_tail(rows, from)
      hw.fail { message = ("the host sent %s, which it must not"):format(matcher.show), rows = rows,
        because = opts.because }
    end
    -- The window is modem time without grace: a command that comes after it is none of our business.
    if hw.now() >= over then return end
    hw.yield(over)
  end
end

-- ---- URCs and states ----

local function same(text) return text end

---Wait for an unsolicited result of the modem. A text is its beginning. Each line says it, so one is listened to: the
---first, unless told otherwise.
---@param what string|hayeswire.Pattern|fun(text: string): boolean
---@param opts? {within?: string, because?: string, line?: string}
---@return string text
function Modem:wait_urc(what, opts)
  local st = state_of(self)
  opts = hw.options(opts, { "within", "because", "line" }, "modem:wait_urc")
  local matcher, limit, from = match.urc(what, "modem:wait_urc"), hw.limit(opts, WAIT_DEFAULT), st.urc_cursor
  local who = hw.modem.line_who(self, opts.line)
  local hit = await_record("urc", who, from, hw.now() + limit, matcher)
  if not hit then
    local rows = {}
    failure.add_matched(rows, st.matched)
    failure.add_earlier(rows, "urc", who, from, matcher.test)
    if matcher.literal then failure.add_nearest(rows, "urc", who, from, matcher.literal, same) end
    failure.add_tail(rows, math.max(from, st.cursor))
    failure.add(rows, "modem", ("power %s, fota %s, firmware %s"):format(self.power, self.fota, self.firmware))
    hw.fail { message = ("%s did not say %s %s"):format(st.name, matcher.show, within_text(limit)), rows = rows,
      because = opts.because }
  end
  st.urc_cursor = math.max(st.urc_cursor, hit.seq + 1)
  note_match(st, hit.text, hit.t_us)
  return hit.text
end

local function fail_state(modem, st, what, wanted, limit, because)
  local rows = {}
  failure.add_matched(rows, st.matched)
  failure.add_tail(rows, st.cursor)
  hw.fail { message = ("%s of %s did not become %s %s; it is %s"):format(what, st.name, wanted, within_text(limit),
    what == "power" and modem.power or modem.fota), rows = rows, because = because }
end

---Wait for a state that holds now, or that the record shows since `from`.
---@return integer?  the cursor behind it; nil at the limit
local function await_state(st, kind, wanted, from, limit, current)
  local passed = scanner(kind, st.name, from, function(data, _, _, seq) return data == wanted and seq + 1 end)
  return hw.await(function(last)
    return passed(last) or (current() == wanted and trace.next())
  end, hw.now() + limit)
end

---Wait for a state of the power: it counts if it holds now, or was passed since the last wait_power or power call.
---@param wanted string  "off", "booting", "on", ...
---@param opts? {within?: string, because?: string}
function Modem:wait_power(wanted, opts)
  local st = state_of(self)
  hw.check_word(wanted, hw.modem.power_names(), "modem:wait_power")
  opts = hw.options(opts, { "within", "because" }, "modem:wait_power")
  local limit = hw.limit(opts, WAIT_DEFAULT)
  st.power_cursor = await_state(st, "power", wanted, st.power_cursor, limit, function() return self.power end)
    or fail_state(self, st, "power", wanted, limit, opts.because)
end

---Wait for a state of the firmware upgrade; "idle" when none runs. It counts if it holds now, or was passed since the
---last wait_fota.
---@param wanted string
---@param opts? {within?: string, because?: string}
function Modem:wait_fota(wanted, opts)
  local st = state_of(self)
  hw.check_type(wanted, "string", "modem:wait_fota: the state")
  opts = hw.options(opts, { "within", "because" }, "modem:wait_fota")
  local limit = hw.limit(opts, WAIT_DEFAULT)
  st.fota_cursor = await_state(st, "state", "fota " .. wanted, st.fota_cursor, limit,
    function() return "fota " .. self.fota end) or fail_state(self, st, "fota", wanted, limit, opts.because)
end

-- ---- power ----

---Switch it on.
---@param opts? {after?: string}  modem time to wait before
function Modem:power_on(opts)
  local st = state_of(self)
  opts = hw.options(opts, { "after" }, "modem:power_on")
  if opts.after ~= nil then hw.pause(hw.duration(opts.after, "after")) end
  st.power_cursor = trace.next()
  hw.modem.power_on(self)
end

local CUT_POLICIES = { "lost", "done", "torn", "garbled" }

---Take its power away, now.
---@param opts? {policy?: "lost"|"done"|"torn"|"garbled"}  what becomes of writes that were not synced
function Modem:power_cut(opts)
  local st = state_of(self)
  opts = hw.options(opts, { "policy" }, "modem:power_cut")
  local policy = hw.check_word(opts.policy == nil and "lost" or opts.policy, CUT_POLICIES, "modem:power_cut: policy")
  st.power_cursor = trace.next()
  hw.modem.cut(self, policy)
end

-- ---- overrides ----

local function result_of(value)
  if value == nil or value == true then return 0 end
  if value == false then return hw.modem.result_code("ERROR") end
  local code = hw.modem.result_code(hw.check_type(value, "string", "modem:on: the result"))
  if not code then hw.usage(('modem:on: "%s" is no result such as OK, ERROR or +CME ERROR: 10'):format(value)) end
  return code
end

---Turn what the scenario's function returned into lines and a result code.
local function parse_answer(info, result)
  if info == nil or info == false then
    if result == nil then result = info end
    return "", result_of(result)
  end
  if type(info) == "table" and info.raw ~= nil then
    return "", result_of(result), hw.check_type(info.raw, "string", "modem:on: raw")
  end
  if type(info) == "table" then
    for _, line in ipairs(info) do hw.check_type(line, "string", "modem:on: a line") end
    return table.concat(info, "\n"), result_of(result)
  end
  hw.check_type(info, "string", "modem:on: the answer")
  local code = result == nil and hw.modem.result_code(info)
  if code then return "", code end
  return info, result_of(result)
end

---The body of the task that answers an overridden command; called by bind_override.c.
function hw.answer_override(fn, text, line, answer, data)
  answer(parse_answer(fn(match.new_command(text, hw.now(), line, data))))
end

---Answer a command in the scenario, or add one. The function may wait. It returns the lines of information (a text,
---a list, or nil for none) and the result: nothing for OK, false for ERROR, or "+CME ERROR: 10"; a result alone will
---do as well. nil as function gives the command back to the dialect.
---@param command string
---@param fn (fun(cmd: hayeswire.Command): string|string[]|{raw: string}|boolean|nil, string|boolean|nil)|nil
function Modem:on(command, fn)
  state_of(self)
  hw.check_type(command, "string", "modem:on: the command")
  if fn ~= nil then hw.check_type(fn, "function", "modem:on: the second argument") end
  hw.modem.override(self, command, fn)
end

---All that happened on this modem so far, one line each.
---@return string
function Modem:transcript()
  return trace.transcript(state_of(self).name)
end

hw.modem.state_of = state_of
hw.modem.scanner = scanner
hw.modem.take_command = take_command
