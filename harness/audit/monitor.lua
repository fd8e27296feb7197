-- SPDX-License-Identifier: MIT
-- What a rule's monitor is written with. A monitor is a function of one argument, m, that looks at the events of one
-- stimulus (see events.lua) and says m:kept() or m:broken(event, what the host did), or nothing when it saw nothing of
-- its rule. The usual shapes are methods: never, needs, answers, at_most, between, pauses.
local hw = ...
local audit = hw.audit
local select = audit.select

---@class hayeswire.Monitor
---@field events hayeswire.Event[]
---@field stimulus string   its name; "" in a scenario
---@field is_audit boolean  a stimulus is played: an upgrade is due
---@field is_own boolean    the stimulus is one of the rule's
---@field outcome "success"|"up to date"|"refused"|"failure"|"usage"|"crash"|"running"  of the upgrade, in its own eyes
---@field ending hayeswire.Event?  where it said so
---@field ending_words string?     "exited with 4: wrong package"
---@field why string?              not observed: what kept it from that
---@field scale number      seconds of modem time that pass in one second of the host
---@field adapter table
local monitor_class = {}
monitor_class.__index = monitor_class

-- Modem time that passed between two events, as a person reads it.
local function span_text(us)
  if us >= 60000000 then return ("%d m %02d s"):format(us // 60000000, us % 60000000 // 1000000) end
  if us < 1000000 then return ("%d ms"):format(us // 1000) end
  return ("%.1f s"):format(us / 1000000)
end
monitor_class.span = span_text
monitor_class.reports = audit.REPORTS

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

-- ---- time ----

-- With --time xN the modem's delays are N times as short, and the host's own pauses are not, unless it divides them
-- too. For the module such a host is N times as slow as it is. What rests on that is no finding, neither good nor bad.

---Modem time in us that a host needs at the least to take notice: it is not faster when modem time runs faster.
function monitor_class:reaction_us()
  return math.floor(1000000 * math.max(1, self.scale))
end

---Whether the host's pauses are as long for the module as the host means them to be.
function monitor_class:is_fair()
  return self.scale <= 1 or self.adapter.time_scale == true
end

---What is seen of the rule here can not be judged.
function monitor_class:doubt()
  self.is_doubtful = true
  self.why = ("with --time x%g the host's own pauses are %g times as long for the module; --time virtual or real "
    .. "judges this, or an adapter with time_scale = true, when the host divides them by HAYESWIRE_TIME_SCALE")
    :format(self.scale, self.scale)
end

---The rule is broken by something that the host did not do: that may only be late.
function monitor_class:missing(event, did)
  if self.outcome == "running" and not self:is_fair() then self:doubt() else self:broken(event, did) end
end

---The same, where the host was late whatever came of it in the end.
function monitor_class:late(event, did)
  if self:is_fair() then self:broken(event, did) else self:doubt() end
end

---Between two events the host paused for as long as the rule wants; did says what it did when it has not.
---@param from hayeswire.Event
---@param to hayeswire.Event
---@param least_us integer
---@param did string
function monitor_class:pauses(from, to, least_us, did)
  local span_us = to.t_us - from.t_us
  if span_us < least_us then
    self:broken(to, did)
  elseif self:is_fair() or span_us >= least_us * self.scale then
    self:kept()
  else
    self:doubt()
  end
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
    if verdict then self:kept() elseif verdict == false then self:late(event, opts.did) end
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

---`what` only when the network is attached. Kept when the host began before it was. did has a %s for what it was.
---@param what hayeswire.Selector
---@param did string
---@param look? {at: hayeswire.Selector, did: string}  the host has to look at it as well
function monitor_class:only_attached(what, did, look)
  local first = self:first(select.cmd())
  for event in self:each(what) do
    if event.world.net ~= "attached" then
      self:broken(event, did:format(event.world.net))
    elseif look and not self:last(look.at, event) then
      self:broken(event, look.did)
    elseif first.world.net ~= "attached" then
      self:kept()
    end
  end
end

---Where power was lost while the upgrade was in a state; nil when it was not.
---@param fota string
---@return hayeswire.Event?
function monitor_class:cut_in(fota)
  return self:first(select.power "off":where(function(event) return event.world.fota == fota end))
end

---The host brings an upgrade to its end whose power was lost in a state.
---@param fota string
function monitor_class:survives_cut_in(fota)
  local cut = self:cut_in(fota)
  self:succeeds(cut and self:first(select.power "booting", cut), "after power came back")
end

-- ---- the host's end ----

local STUCK = {
  ["up to date"] = "said that nothing is newer", refused = "said that the user refused", failure = "gave up",
  usage = "said that it was started wrongly", crash = "died",
}

---In the rule's own stimuli, where nothing keeps a good host from it: from an event on, the host reaches success.
---@param from hayeswire.Event?  nil: nothing is judged
---@param why string  "after the tty was back"
function monitor_class:succeeds(from, why)
  if not self.is_own or not from then return end
  if self.outcome == "success" and self.ending.t_us >= from.t_us then
    self:kept()
  elseif self.outcome == "running" then
    self:missing(from, ("was still waiting, %s later, %s"):format(span_text(hw.now() - from.t_us), why))
  else
    self:broken(self.ending, ("%s (it %s) %s"):format(STUCK[self.outcome] or "claimed success before",
      self.ending_words, why))
  end
end

---The host claimed success, and the module runs what it ran at the beginning.
function monitor_class:claims_old_firmware()
  local claim = self:claim()
  local first = claim and self:first(select.state "firmware ")
  return first ~= nil and first.index < claim.index and first.world.firmware == claim.world.firmware
end

---What the host says last about the module's version is true, where the adapter knows how it says it.
---@param claim hayeswire.Event?
function monitor_class:tells_version(claim)
  local told, event = nil, nil
  if claim then told, event = audit.told_version(self.events, self.adapter, claim) end
  local runs = told and event.world.firmware
  if runs and told ~= runs and event.t_us - event.world.since.firmware > self:reaction_us() then
    self:broken(event, ("told the version %s while the module ran %s"):format(told, runs))
  end
end

---The version that the host printed last before an event; nil where the adapter does not know how.
---@param before hayeswire.Event
---@return string?
function monitor_class:told_version(before)
  return (audit.told_version(self.events, self.adapter, before))
end

---Success is claimed only when the module runs something new.
---@param opts {asked: hayeswire.Event?, seen: any, may_stay: boolean?, last: hayeswire.Selector?}  asked: for an
---  upgrade; seen: the rule is put to the test; may_stay: the old version is right; last: a line to tell with it
function monitor_class:claims_truly(opts)
  if not self.ending or (not opts.asked and (opts.may_stay or not self.is_audit)) then return end
  local claim = self:claim()
  if self:claims_old_firmware() then
    local last = opts.last and self:last(opts.last, claim)
    self:broken(claim, ("claimed success while the module ran %s%s"):format(claim.world.firmware,
      last and "; the last that it had said was " .. last.text or ""))
  elseif opts.seen then
    self:kept()
  end
  self:tells_version(claim)
end

---In the rule's own stimuli, whose URL the module can not take: the host says so, and does not claim success.
---@param verb string  "take", "fetch"
function monitor_class:refuses_url(verb)
  if not self.is_own then return end
  if self.outcome == "success" then
    self:broken(self.ending, ("claimed success with a URL that the module can not %s"):format(verb))
  elseif not self:first(self:url_words()) then
    self:missing(self.ending or self.events[#self.events],
      ("said nothing of the URL that the module can not %s"):format(verb))
  end
  self:kept()
end

---What the host prints when it does not like its URL.
---@return hayeswire.Selector
function monitor_class:url_words()
  return select.printed { pattern = self.adapter.url_message or "[Uu][Rr][LlIi]" }
end

---Where the host claimed success; nil when it did not.
---@return hayeswire.Event?
function monitor_class:claim()
  return self.outcome == "success" and self.ending or nil
end

-- ---- judging ----

local function holds(list, name)
  for _, one in ipairs(list) do
    if one == name then return true end
  end
  return false
end

---Run the monitors of rules over the record.
---@param rules table[]
---@param context {stimulus: string, adapter: table, scale: number, stuck?: string}
---@return {rule: table, state: string?, event: hayeswire.Event?, did: string?, why: string?}[] findings
---@return string outcome
---@return string? words  of the host's end
function audit.judge(rules, context)
  local events, findings = audit.events(), {}
  local outcome, ending, words = audit.outcome(events, context.adapter)
  for i, rule in ipairs(rules) do
    local m = setmetatable({
      rule = rule, events = events, stimulus = context.stimulus, is_audit = context.stimulus ~= "",
      is_own = holds(rule.stimulus, context.stimulus),
      outcome = outcome, ending = ending, ending_words = words, scale = context.scale, adapter = context.adapter,
    }, monitor_class)
    rule.monitor(m, select)
    if m.is_doubtful and m.state == "kept" then m.state = nil end
    if not m.state and not m.why and m.is_own then m.why = context.stuck end
    findings[i] = m
    hw.pause(0) -- the limit of instructions is for one rule, not for all
  end
  return findings, outcome, words
end
