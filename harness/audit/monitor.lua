-- SPDX-License-Identifier: MIT
-- What a rule's monitor is written with. A monitor is a function of one argument, m, that looks at the events of one
-- stimulus (see events.lua) and says m:kept() or m:broken(event, what the host did), or nothing when it saw nothing of
-- its rule. The usual shapes are methods: never, needs, answers, at_most, between.
local hw = ...
local audit = hw.audit

---@class hayeswire.Monitor
---@field events hayeswire.Event[]
---@field stimulus string   its name; "" in a scenario
---@field is_own boolean    the stimulus is one of the rule's
---@field outcome "success"|"failure"|"crash"|"running"  what the host made of it, in its own eyes
---@field ending hayeswire.Event?  where it said so
---@field scale number      seconds of modem time that pass in one second of the host
---@field adapter table
local monitor_class = {}
monitor_class.__index = monitor_class

-- Modem time that passed between two events, as a person reads it.
local function span_text(us)
  if us >= 60000000 then return ("%d m %02d s"):format(us // 60000000, us % 60000000 // 1000000) end
  return ("%.1f s"):format(us / 1000000)
end
monitor_class.span = span_text

---The rule was put to the test here, and kept so far.
function monitor_class:kept()
  if not self.state then self.state = "kept" end
end

---The rule is broken. The first time counts.
function monitor_class:broken(event, did)
  if self.state == "broken" then return end
  self.state, self.event, self.did = "broken", event, did
end

---The events that fit, in order.
---@param what? hayeswire.Selector
---@param from? hayeswire.Event  behind this one
function monitor_class:each(what, from)
  local index = from and from.index or 0
  return function()
    while index < #self.events do
      index = index + 1
      audit.breathe(index)
      local event = self.events[index]
      if not what or what.test(event) then return event end
    end
  end
end

---The first event that fits, behind `from` when one is given.
---@param what? hayeswire.Selector
---@param from? hayeswire.Event
function monitor_class:first(what, from)
  return self:each(what, from)()
end

---The last that fits, before an event when one is given.
function monitor_class:last(what, before)
  for index = before and before.index - 1 or #self.events, 1, -1 do
    audit.breathe(index)
    if not what or what.test(self.events[index]) then return self.events[index] end
  end
end

---How many events fit.
---@param what? hayeswire.Selector
function monitor_class:count(what)
  local count = 0
  for _ in self:each(what) do count = count + 1 end
  return count
end

---What the module answered to a command, or nil.
---@param command hayeswire.Event
---@return {final: string, text: string, event: hayeswire.Event}?
function monitor_class:reply(command)
  return audit.reply(self.events, command)
end

---Whether a command was answered with OK.
function monitor_class:is_ok(command)
  local reply = self:reply(command)
  return reply ~= nil and reply.final == "OK"
end

---Modem time in us that a host needs at the least to take notice: it is not faster when modem time runs faster.
function monitor_class:reaction_us()
  return math.floor(1000000 * math.max(1, self.scale))
end

-- ---- shapes ----

---`what` never while `during(world, event)` is true. during must have been true for `grace` of modem time, and for as
---long as a host needs to notice when `slow` is set. Kept when it never came and the state did.
---@param what hayeswire.Selector
---@param opts {during: (fun(world, event): boolean), did: string, slow?: boolean}
function monitor_class:never(what, opts)
  local since
  for event in self:each() do
    if opts.during(event.world, event) then
      since = since or event.t_us
      local is_late = not opts.slow or event.t_us - since >= self:reaction_us()
      if is_late and what.test(event) then self:broken(event, opts.did) end
    else
      since = nil
    end
    if since then self:kept() end
  end
end

---`what` only after `before`; `since` (a selector) makes all that came before it forgotten.
---@param what hayeswire.Selector
---@param opts {before: hayeswire.Selector, since?: hayeswire.Selector, did: string}
function monitor_class:needs(what, opts)
  local has = false
  for event in self:each() do
    if opts.since and opts.since.test(event) then has = false end
    if opts.before.test(event) then has = true end
    if what.test(event) then
      if has then self:kept() else self:broken(event, opts.did) end
    end
  end
end

---After `what`, `answer` within a time, unless `unless` comes first.
---@param what hayeswire.Selector
---@param opts {answer: hayeswire.Selector, within: string, unless?: hayeswire.Selector, did: string}
function monitor_class:answers(what, opts)
  local limit_us = math.max(hw.duration(opts.within), self:reaction_us())
  local last = self.events[#self.events]
  for event in self:each(what) do
    local deadline_us, verdict = event.t_us + limit_us, nil
    for other in self:each(nil, event) do
      if opts.answer.test(other) then verdict = other.t_us <= deadline_us end
      if opts.unless and opts.unless.test(other) then break end
      if verdict ~= nil then break end
      if other.t_us > deadline_us then verdict = false end
    end
    if verdict == nil and last.t_us > deadline_us and not opts.unless then verdict = false end
    if verdict then self:kept() elseif verdict == false then self:broken(event, opts.did) end
  end
end

---At most `count` of `what` within any span of that time.
---@param what hayeswire.Selector
---@param opts {count: integer, within: string, did: string}
function monitor_class:at_most(what, opts)
  local limit_us, recent = hw.duration(opts.within), {}
  for event in self:each(what) do
    recent[#recent + 1] = event
    local oldest = recent[#recent - opts.count]
    if oldest and event.t_us - oldest.t_us < limit_us then self:broken(event, opts.did) else self:kept() end
  end
end

---`what` only between `from` and `to`.
---@param what hayeswire.Selector
---@param opts {from: hayeswire.Selector, to: hayeswire.Selector, did: string}
function monitor_class:between(what, opts)
  local is_open = false
  for event in self:each() do
    if opts.to.test(event) then is_open = false end
    if opts.from.test(event) then is_open = true end
    if what.test(event) then
      if is_open then self:kept() else self:broken(event, opts.did) end
    end
  end
end

-- ---- the host's end ----

local STUCK = { failure = "gave up", crash = "died", running = "was still waiting" }

---In the rule's own stimuli, where nothing keeps a good host from it: from an event on, the host reaches success.
---@param from hayeswire.Event?  nil: nothing is judged
---@param why string  "after the tty was back"
function monitor_class:succeeds(from, why)
  if not self.is_own or not from then return end
  if self.outcome == "success" and self.ending.t_us >= from.t_us then
    self:kept()
    return
  end
  local text = STUCK[self.outcome] or "claimed success before"
  if self.outcome == "running" then
    text = ("%s, %s later,"):format(text, span_text(hw.now() - from.t_us))
  elseif self.ending then
    text = ("%s (it %s)"):format(text, self.ending.text)
  end
  self:broken(self.ending or from, text .. " " .. why)
end

---Where the host claimed success; nil when it did not.
---@return hayeswire.Event?
function monitor_class:claim()
  return self.outcome == "success" and self.ending or nil
end

-- ---- judging ----

-- What the host made of the upgrade, in its own eyes: what the adapter knows as its claim, or its exit status.
local function outcome_of(events, adapter)
  for _, event in ipairs(events) do
    if adapter.claims and (event.kind == "stdout" or event.kind == "stderr") and event.text:find(adapter.claims) then
      return "success", event
    end
  end
  local ending
  for _, event in ipairs(events) do
    if event.kind == "host" and event.text:find("^started") then ending = nil end
    if event.kind == "host" and event.text:find("^[ek]%l+ [wb]") then ending = event end
  end
  if not ending then return "running", nil end
  local status = math.tointeger(tonumber(ending.text:match("^exited with (%d+)$")))
  if not status then return "crash", ending end
  for _, good in ipairs(adapter.success) do
    if good == status and not adapter.claims then return "success", ending end
  end
  return "failure", ending
end

local function holds(list, name)
  for _, one in ipairs(list) do
    if one == name then return true end
  end
  return false
end

---Run the monitors of rules over the record.
---@param rules table[]
---@param context {stimulus: string, adapter: table, scale: number}
---@return {rule: table, state: string?, event: hayeswire.Event?, did: string?}[] findings
---@return string outcome
function audit.judge(rules, context)
  local events, findings = audit.events(), {}
  local outcome, ending = outcome_of(events, context.adapter)
  for i, rule in ipairs(rules) do
    local m = setmetatable({
      rule = rule, events = events, stimulus = context.stimulus, is_own = holds(rule.stimulus, context.stimulus),
      outcome = outcome, ending = ending, scale = context.scale, adapter = context.adapter,
    }, monitor_class)
    rule.monitor(m)
    findings[i] = m
    hw.pause(0) -- the limit of instructions is for one rule, not for all
  end
  return findings, outcome
end
