-- SPDX-License-Identifier: MIT
-- What stimuli are written with: s, the stage. A stimulus sets up a modem, a server and the host, and disturbs them; it
-- judges nothing. Its waits end when what they wait for came, at their limit, and when nothing can come any more,
-- because the host has ended and the modem rests; then the stimulus is over, and the monitors see what there is.
local hw = ...
local audit, match = hw.audit, hw.match

local prim = hw.class("AuditPrimitives")
local harness = hw.class("HarnessPrimitives")

local REST = "5s" -- modem time from the host's end to the end of a wait
local WAIT = "10m"
local SCALED_WAIT = "20s" -- of wall time, at the least

---@class hayeswire.Stage
local stage_class = {}
stage_class.__index = stage_class

-- Raised by what can not go on; why it can not.
local Stuck = {}

local function give_up(why)
  error(setmetatable({ why = why }, Stuck), 0)
end

-- ---- set-up ----

local function merge(base, over)
  local result = {}
  for key, value in pairs(base) do result[key] = value end
  for key, value in pairs(over or {}) do result[key] = value end
  return result
end

---A modem with the book's options and these.
function stage_class:modem_with(opts)
  self.modem = self.t:modem(merge(self.book.modem, opts))
  return self.modem
end

---The package server, with the collector of reports on it.
---@param opts? table  of t:http
function stage_class:serve(opts)
  if not self.server then
    self.server = self.t:http(opts)
    prim.report(self.server:publish("/report", "ok", { takes_post = true }))
  end
  return self.server
end

---A package with the book's options, the adapter's, and these.
---@param opts? table  of t:package
function stage_class:make_package(opts)
  return self.t:package(merge(merge(self.book.package, self.adapter.package), opts))
end

---Such a package, published at a path that becomes {url}.
---@param opts? table   of t:package
---@param habit? table  of server:publish
---@param path? string
function stage_class:offer(opts, habit, path)
  self.package = self:make_package(opts)
  self.path = path or "/update.bin"
  self.url = self:serve():publish(self.path, self.package, habit)
  return self.package
end

---Write a file into the scenario's folder.
---@return string path
function stage_class:write(name, text)
  prim.write(name, text)
  return self.t.dir .. "/" .. name
end

---Let {url} be something else.
function stage_class:set_url(url)
  self.url = url
  prim.url(url)
end

---End the stimulus: it can not be played with this host.
function stage_class:give_up(why)
  self.is_given_up = true
  give_up(why)
end

---What the adapter says under a name; without it the stimulus can not be played.
---@param name string
---@param why string  "the host can not be given certificates"
function stage_class:needs(name, why)
  local value = self.adapter[name]
  if value == nil then self:give_up(("%s: the adapter has no %s"):format(why, name)) end
  return value
end

---Let {url} be what the adapter says makes the host leave the choice to the vendor's platform.
function stage_class:ask_platform()
  self:set_url(self:needs("service_url", "the host can not be told to ask the vendor's platform"))
end

---Start the host, with further words behind its own.
---@param words? string[]
function stage_class:start(words)
  local command = prim.command() or self.adapter.command
  if not command then
    hw.usage("no host: give its command after --, or in an adapter (--adapter)")
  end
  local all, env = {}, {}
  for _, list in ipairs { command, words or {} } do
    for _, word in ipairs(list) do all[#all + 1] = tostring(word) end
  end
  for _, name in ipairs(hw.sorted_keys(self.adapter.env or {})) do
    env[#env + 1] = name .. "=" .. tostring(self.adapter.env[name])
  end
  self.host = harness.start(all, env, true)
  return self.host
end

-- ---- waits ----

local function is_resting(self)
  if not self.host or self.host:running() then return false end
  return self.modem.power == "off" or (self.modem.fota == "idle" and self.modem.power ~= "booting")
end

-- With --time xN a host that divides its pauses still needs its own time to read, to compute, to open a tty: what it
-- misses meanwhile can cost it a pause more than usual.
local function deadline_of(self, within)
  local deadline_us, scale = hw.graced(hw.now() + hw.duration(within or WAIT)), prim.scale()
  if scale <= 1 or not self.adapter.time_scale then return deadline_us end
  return math.max(deadline_us, hw.now() + math.floor(hw.duration(SCALED_WAIT) * scale))
end

---Wait for check(); nothing is returned when it does not come true.
---@param check fun(last: integer): any
---@param within? string
function stage_class:await(check, within)
  local deadline_us = deadline_of(self, within)
  local rest_until_us
  hw.may_wait()
  while true do
    local value, now_us = check(deadline_us), hw.now()
    if value then return value end
    if not is_resting(self) then
      rest_until_us = nil
    elseif not rest_until_us then
      rest_until_us = now_us + hw.duration(REST)
    end
    if now_us >= math.min(deadline_us, rest_until_us or deadline_us) then return nil end
    hw.yield(math.min(deadline_us, rest_until_us or deadline_us))
  end
end

local function await_record(self, kind, matcher, within, cursor)
  local from = self[cursor] or 0
  local look = hw.modem.scanner(kind, nil, from, function(data, t_us, who, seq)
    if matcher.test(data, t_us, who) then return { text = data, t_us = t_us, seq = seq } end
  end)
  local hit = self:await(look, within)
  if not hit then give_up("what the stimulus waits for did not come: " .. matcher.show) end
  self[cursor] = hit.seq + 1
  return hit
end

---The next URC that begins so (or fits the pattern).
function stage_class:urc(what, within)
  return await_record(self, "urc", match.urc(what, "s:urc"), within, "urc_cursor")
end

---The next such command of the host.
function stage_class:command(what, within)
  return await_record(self, "cmd", match.command(what, "s:command"), within, "command_cursor")
end

---The next state that begins so, as in "fota downloading".
function stage_class:state(what, within)
  return await_record(self, "state", match.urc(what, "s:state"), within, "state_cursor")
end

---The next change of the power to that state.
function stage_class:power(what, within)
  return await_record(self, "power", match.urc(what, "s:power"), within, "power_cursor")
end

---When the modem has lost its power: give it back after a time.
---@param after string
function stage_class:power_back(after)
  self:power "off"
  self.t:let_pass(after)
  self.modem:power_on()
end

---When the host's process is killed, as by a loss of its power: start it again.
---@param after? string
function stage_class:restart_host(after)
  self.host:signal "KILL"
  self:record("host", "killed")
  if after then self.t:let_pass(after) end
  if self.url then self:set_url(self.url) end
  self.host:restart()
end

---The next record of a kind whose text begins so.
function stage_class:record(kind, what, within)
  return await_record(self, kind, match.urc(what, "s:record"), within, kind .. "_cursor")
end

---Wait until the host has come to an end, or claimed success; and until the modem rests.
function stage_class:finish(within)
  self.is_finished = true
  if not self.host then return end
  local claims, from = self.adapter.claims, 0
  self:await(function()
    if not self.host:running() then return true end
    if not claims then return nil end
    for _, kind in ipairs { "stdout", "stderr" } do
      local seq, line = hw.trace.find(kind, nil, from)
      while seq do
        if line:find(claims) then return true end
        seq, line = hw.trace.find(kind, nil, seq + 1)
      end
    end
  end, within or WAIT)
end

-- ---- running a stimulus ----

local OUTCOME_FAIL = 1

local function is_failure(err)
  return type(err) == "table" and err.outcome == OUTCOME_FAIL
end

---Play a stimulus.
---@return string? stuck  why it came to no end of its own
function audit.play(t, book, stimulus, adapter)
  prim.set_up()
  local s = setmetatable({ t = t, book = book, adapter = adapter }, stage_class)
  local ok, err = pcall(stimulus.body, s, t)
  local stuck
  if not ok and getmetatable(err) == Stuck then
    stuck = err.why
  elseif not ok and is_failure(err) then
    stuck = err.message
  elseif not ok then
    error(err, 0)
  end
  if not s.is_finished then s:finish(stuck and "1m" or nil) end
  return stuck
end
