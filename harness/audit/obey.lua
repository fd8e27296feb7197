-- SPDX-License-Identifier: MIT
-- Rules in a scenario of one's own: t:obey "bc26" holds the host to those of its module's guide, t:rule{} to one that
-- is written on the spot. They are judged when the scenario has passed.
local hw = ...
local audit = hw.audit

local prim = hw.class("AuditPrimitives")
local Test = hw.class("Test")

local function judge_at_end(rules, is_strict)
  hw.endings[#hw.endings + 1] = function()
    local findings = audit.judge(rules, { stimulus = "", adapter = audit.load_adapter(), scale = prim.scale() })
    local failed = {}
    for _, finding in ipairs(findings) do
      if finding.state == "broken" and (finding.rule.level == "must" or is_strict) then
        failed[#failed + 1] = finding
      elseif finding.state == "broken" then
        hw.note(audit.broken_text(finding))
      end
    end
    audit.fail_for(failed)
  end
end

local function holds(list, id)
  for _, one in ipairs(list or {}) do
    if one == id then return true end
  end
  return false
end

local function chosen_rules(book, opts)
  local known, rules = {}, {}
  for i, rule in ipairs(book.rules) do known[i] = rule.id end
  for _, field in ipairs { "only", "except" } do
    for _, id in ipairs(opts[field] or {}) do hw.check_word(id, known, "t:obey: " .. field) end
  end
  for _, rule in ipairs(book.rules) do
    if (not opts.only or holds(opts.only, rule.id)) and not holds(opts.except, rule.id) then
      rules[#rules + 1] = rule
    end
  end
  return rules
end

---Hold the host to the rules of its module's guide: when the scenario has passed, it fails if a must rule was broken;
---with strict also for a should rule. `hayeswire list rules` names them.
---@param dialect string
---@param opts? {only?: string[], except?: string[], strict?: boolean}
function Test:obey(dialect, opts)
  hw.state(self, "Test")
  opts = hw.options(opts, { "only", "except", "strict" }, "t:obey")
  local book = audit.book(hw.check_type(dialect, "string", "t:obey: the dialect"), "t:obey")
  judge_at_end(chosen_rules(book, opts), opts.strict)
end

---@class hayeswire.Rule
---@field id string         "my.quiet"
---@field sentence string   what a host must do
---@field level? "must"|"should"  a should rule is only noted; must without it
---@field source? string    who says so
---@field expects? string   what of the host; the sentence without it
---@field monitor fun(m: hayeswire.Monitor, e: table)  e has the selectors: e.cmd "AT+CSQ", e.urc(pat"^RDY")

---Hold the host to a rule of one's own. Its monitor looks at the record and says m:kept() or m:broken(event, "did so");
---m has the usual shapes: never, needs, answers, at_most, between, pauses.
---@param rule hayeswire.Rule
function Test:rule(rule)
  hw.state(self, "Test")
  hw.options(rule, { "id", "sentence", "level", "source", "expects", "monitor" }, "t:rule")
  for _, field in ipairs { "id", "sentence" } do hw.check_type(rule[field], "string", "t:rule: " .. field) end
  hw.check_type(rule.monitor, "function", "t:rule: monitor")
  judge_at_end { {
    id = rule.id, sentence = rule.sentence,
    level = hw.check_word(rule.level or "must", audit.LEVELS, "t:rule: level"),
    source = rule.source or "the scenario", expects = rule.expects or rule.sentence, stimulus = { "" },
    monitor = rule.monitor,
  } }
end
