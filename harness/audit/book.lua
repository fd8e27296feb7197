-- SPDX-License-Identifier: MIT
-- The books of rules, one a dialect (rules/*.lua), and audit("bc26"), which declares the stimuli of a book as
-- scenarios.
local hw = ...
local audit = hw.audit

local prim = hw.class("AuditPrimitives")

audit.LEVELS = { "must", "should" }
local PLAIN = "plain" -- the stimulus in which nothing goes wrong

-- ---- JSON, as far as findings need it ----

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

-- Valid UTF-8 stays what it is; other bytes beyond ASCII become the characters of their numbers.
local function json_text(text)
  local escaped = utf8.len(text) and '[%c"\\]' or '[%c"\\\128-\255]'
  return '"' .. text:gsub(escaped, function(c)
    return ESCAPES[c] or ("\\u%04x"):format(c:byte())
  end) .. '"'
end

local function json(value)
  if type(value) == "string" then return json_text(value) end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  if value[1] ~= nil or next(value) == nil then
    for i, item in ipairs(value) do parts[i] = json(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for i, key in ipairs(hw.sorted_keys(value)) do parts[i] = json_text(key) .. ":" .. json(value[key]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- ---- books ----

---@class hayeswire.Book
---@field dialect string
---@field title string      the guide that the rules are from
---@field modem table       options of t:modem that all stimuli share
---@field package table     options of t:package
local book_class = {}
audit.book_class = book_class
book_class.__index = function(_, key) return book_class[key] or audit.select[key] end

---A stimulus: its name, what happens in it, and how. s is the stage of stage.lua.
---@param name string
---@param about string
---@param body fun(s: hayeswire.Stage, t: hayeswire.Test)
function book_class:stimulus(name, about, body)
  assert(not self.by_name[name], name)
  local stimulus = { name = name, about = about, body = body }
  self.by_name[name] = stimulus
  self.stimuli[#self.stimuli + 1] = stimulus
end

---A stimulus that differs from the plain one by the options of book.set_up() only; they stand behind `about`.
---@param name string
---@param about string
function book_class:variant(name, about, ...)
  local opts = table.pack(...)
  self:stimulus(name, about, function(s)
    self.set_up(s, table.unpack(opts, 1, opts.n))
    s:start()
    s:finish()
  end)
end

---A rule. expects: what of the host; needs: what has to happen for it to be observed.
---@param rule {id: string, level: "must"|"should", sentence: string, source: string, expects: string,
---  stimulus: string|string[], needs: string, monitor: fun(m: hayeswire.Monitor)}
function book_class:rule(rule)
  hw.options(rule, { "id", "level", "sentence", "source", "expects", "stimulus", "needs", "monitor" }, "rule")
  hw.check_word(rule.level, audit.LEVELS, rule.id .. ": level")
  for _, field in ipairs { "sentence", "source", "expects", "needs" } do
    hw.check_type(rule[field], "string", ("%s: %s"):format(rule.id, field))
  end
  if type(rule.stimulus) == "string" then rule.stimulus = { rule.stimulus } end
  for _, name in ipairs(rule.stimulus) do assert(self.by_name[name], name) end
  self.rules[#self.rules + 1] = rule
end

local books = {}

-- An index by dialect of the sources that are part of the program.
local function sources()
  local by_dialect, dialects = {}, {}
  for _, source in ipairs(prim.sources()) do
    local dialect = source.name:match("^=(.*)%.lua$")
    by_dialect[dialect] = source.text
    dialects[#dialects + 1] = dialect
  end
  table.sort(dialects)
  return by_dialect, dialects
end

---The book of a dialect.
---@param dialect string
---@param what string  who asks, for the message when there is none
---@return hayeswire.Book
function audit.book(dialect, what)
  local by_dialect, dialects = sources()
  hw.check_word(dialect, dialects, what)
  if not books[dialect] then
    local book = setmetatable({ dialect = dialect, stimuli = {}, rules = {}, by_name = {} }, book_class)
    -- Like a scenario's file, so that what fails in a stimulus is placed in it.
    assert(load(by_dialect[dialect], "@rules/" .. dialect .. ".lua", "t", hw.environment))(book)
    books[dialect] = book
  end
  return books[dialect]
end

---All rules of a dialect, or of all dialects, as JSON; for `hayeswire list rules` and the reports.
---@param dialect? string
function audit.tell(dialect)
  local rows, _, dialects = {}, sources()
  for _, name in ipairs(dialects) do
    for _, rule in ipairs((dialect == nil or dialect == name) and audit.book(name, "rules").rules or {}) do
      rows[#rows + 1] = {
        id = rule.id, level = rule.level, dialect = name, sentence = rule.sentence, source = rule.source,
        expects = rule.expects, stimulus = rule.stimulus, needs = rule.needs, guide = audit.book(name, "rules").title,
      }
    end
  end
  prim.tell(json(rows))
end

-- ---- findings ----

local TEXT_MAX = 160 -- bytes of a line of the transcript

-- How many records of the same instant stand before it.
local function nth_of(event)
  local first = event.seq
  while first > hw.trace.first() and select(4, hw.trace.get(first - 1)) == event.t_us do first = first - 1 end
  return event.seq - first
end

local function place_of(event)
  local line, text = hw.trace.locate(event.seq)
  if #text > TEXT_MAX then text = text:sub(1, (utf8.offset(text, 0, TEXT_MAX) or TEXT_MAX + 1) - 1) .. "..." end
  return { t_us = event.t_us, line = line, text = text, nth = nth_of(event) }
end

-- The place is left out of findings that have none.
local function finding_row(finding)
  local row = { id = finding.rule.id, state = finding.state or "not observed" }
  if not finding.state then row.why = finding.why end
  if finding.state == "broken" then
    row.did = finding.did
    for key, value in pairs(place_of(finding.event)) do row[key] = value end
  end
  return row
end

local function write_findings(stimulus, findings, outcome, stuck)
  local rows = {}
  for i, finding in ipairs(findings) do rows[i] = finding_row(finding) end
  prim.write("rules.json", json { stimulus = stimulus.name, outcome = outcome, stuck = stuck or "", rules = rows })
end

---@return string
function audit.broken_text(finding)
  return ("%s: the host %s"):format(finding.rule.id, finding.did)
end

---Fail the scenario when a rule is broken, so that its folder is kept.
function audit.fail_for(findings)
  local rows, first = {}, nil
  for _, finding in ipairs(findings) do
    if finding.state == "broken" then
      first = first or finding
      rows[#rows + 1] = { finding.rule.id, ("%s\nthe rule: %s (%s)\nexpected: %s\n%s"):format(finding.did,
        finding.rule.sentence, finding.rule.source, finding.rule.expects, place_of(finding.event).text) }
    end
  end
  if first then hw.fail { message = audit.broken_text(first), rows = rows } end
end

-- ---- audit() ----

---Declare the stimuli of a dialect's rules as scenarios: each sets a host up, disturbs it, and fails when a rule is
---broken. `hayeswire audit` runs a file with this one line.
---@param dialect string
---@param opts? {adapter?: string}
local function declare(dialect, opts)
  opts = hw.options(opts, { "adapter" }, "audit")
  local book = audit.book(hw.check_type(dialect, "string", "audit: the dialect"), "audit")
  local adapter = audit.load_adapter(opts.adapter)
  for _, stimulus in ipairs(book.stimuli) do
    hw.environment.scenario(("%s: %s"):format(stimulus.name, stimulus.about), function(t)
      local stuck = audit.play(t, book, stimulus, adapter)
      local findings, outcome, words = audit.judge(book.rules, {
        stimulus = stimulus.name, adapter = adapter, scale = prim.scale(), stuck = stuck,
      })
      if outcome == "usage" and stimulus.name == PLAIN then
        hw.usage(("the host says that it was started wrongly: it %s; mend the command behind --, or the adapter's")
          :format(words))
      end
      write_findings(stimulus, findings, outcome, stuck)
      audit.fail_for(findings)
    end)
  end
end

rawset(hw.environment, "audit", declare)
