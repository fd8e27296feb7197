-- SPDX-License-Identifier: MIT
-- Class Test, the t of a scenario, and class Package: making devices and files, actors, checks.
local hw = ...
local failure = hw.failure

local BARRIER_DEFAULT, JOB_DEFAULT = "1m", "1m"
local PACKAGE_SIZE_DEFAULT = "64k"

---@class hayeswire.Test
local Test = hw.class("Test")

-- ---- modems ----

local OWN_OPTIONS = { "dialect", "name", "quirks", "power", "shared_supply" }

-- What scenarios made, in order; the checks of a sweep look at it.
hw.made = { modems = {}, packages = {} }

local function default_dialect(given, what)
  local dialect = given
  if dialect == nil then dialect = hw.config().dialect end
  if dialect == nil then
    hw.usage(what .. ': which dialect? Write dialect = "bc26", or give the run a default with -d')
  end
  return hw.check_type(dialect, "string", what .. ": dialect")
end

---An option's value as the text that the option's row parses.
local function option_text(row, value)
  if type(value) == "string" then return value end
  if type(value) == "number" and row.takes_number then
    if math.type(value) == "integer" then return tostring(value) end
    hw.usage(("t:modem: %s: write a whole number, not %s"):format(row.name, value))
  end
  if type(value) == "number" and row.type == "duration" then
    hw.usage(('t:modem: %s: a number has no unit; write "%ss" or "%sms"'):format(row.name, value, value))
  end
  return hw.usage(("t:modem: %s: write a %s as a string, not a %s"):format(row.name, row.type, type(value)))
end

local function set_options(modem, opts)
  local rows, names = {}, { table.unpack(OWN_OPTIONS) }
  for _, row in ipairs(hw.modem.options(modem)) do
    rows[row.name] = row
    names[#names + 1] = row.name
  end
  local own = {}
  for _, name in ipairs(OWN_OPTIONS) do own[name] = true end
  for _, key in ipairs(hw.sorted_keys(opts)) do
    if rows[key] then
      hw.modem.set(modem, key, option_text(rows[key], opts[key]))
    elseif not own[key] then
      hw.usage(('t:modem: unknown option "%s"%s'):format(tostring(key), hw.did_you_mean(tostring(key), names)))
    end
  end
end

local function set_quirks(modem, quirks)
  if quirks == nil then return end
  hw.check_type(quirks, "table", "t:modem: quirks")
  for _, quirk in ipairs(quirks) do
    hw.modem.quirk(modem, hw.check_type(quirk, "string", "t:modem: a quirk"))
  end
end

---Plug in a modem. Options are those of every modem and of its dialect, by their names.
---With shared_supply its hosts hang on the same supply: they die and start with it.
---@param opts? {dialect?: string, name?: string, quirks?: string[], power?: boolean, shared_supply?: boolean}
---@return hayeswire.Modem
function Test:modem(opts)
  hw.state(self, "Test")
  if opts ~= nil then hw.check_type(opts, "table", "t:modem: the argument") end
  opts = opts or {}
  if opts.name ~= nil then hw.check_type(opts.name, "string", "t:modem: name") end
  if opts.power ~= nil then hw.check_type(opts.power, "boolean", "t:modem: power") end
  local modem = hw.modem.new(default_dialect(opts.dialect, "t:modem"), opts.name)
  set_quirks(modem, opts.quirks)
  set_options(modem, opts)
  if opts.shared_supply ~= nil then hw.check_type(opts.shared_supply, "boolean", "t:modem: shared_supply") end
  hw.modem.start(modem)
  hw.made.modems[#hw.made.modems + 1] = {
    modem = modem, first_version = modem.firmware, shared_supply = opts.shared_supply,
  }
  if opts.power ~= false then hw.modem.power_on(modem) end
  return modem
end

-- ---- packages ----

---A firmware file: made for a dialect's bootloader, or read from a vendor's file and declared to it.
---@param opts {dialect?: string, from?: string, to: string, size?: string|integer, file?: string}
---@return hayeswire.Package
function Test:package(opts)
  hw.state(self, "Test")
  opts = hw.options(opts, { "dialect", "from", "to", "size", "file" }, "t:package")
  local dialect = default_dialect(opts.dialect, "t:package")
  if opts.to == nil then hw.usage("t:package: to is missing: the version that it installs") end
  local to = hw.check_type(opts.to, "string", "t:package: to")
  local from = opts.from == nil and "" or hw.check_type(opts.from, "string", "t:package: from")
  hw.made.packages[#hw.made.packages + 1] = { dialect = dialect, from = from, to = to }
  if opts.file ~= nil then
    hw.check_type(opts.file, "string", "t:package: file")
    if opts.size ~= nil then hw.usage("t:package: size: a vendor's file has its own") end
    local folder = (hw.scenario_file() or ""):match("^(.*/)[^/]*$") or ""
    local path = opts.file:sub(1, 1) == "/" and opts.file or folder .. opts.file
    return hw.package.read(path, dialect, from, to)
  end
  return hw.package.make(dialect, from, to, hw.package.size(opts.size == nil and PACKAGE_SIZE_DEFAULT or opts.size))
end

---@class hayeswire.Package
local Package = hw.class("Package")

---A copy with one byte inverted, in the middle unless told otherwise.
---@param opts? {at?: integer}
---@return hayeswire.Package
function Package:damaged(opts)
  hw.state(self, "Package")
  opts = hw.options(opts, { "at" }, "package:damaged")
  if opts.at ~= nil and math.type(opts.at) ~= "integer" then
    hw.usage("package:damaged: at is the number of a byte, from 0")
  end
  return hw.package.flipped(self, opts.at or self.size // 2)
end

-- ---- actors and time ----

local Job = { __name = "task", __metatable = false }
Job.__index = Job

---Wait until a spawned task has ended.
---@param opts? {within?: string, because?: string}
function Job:wait(opts)
  opts = hw.options(opts, { "within", "because" }, "task:wait")
  local limit = hw.limit(opts, JOB_DEFAULT)
  if not hw.await(function() return self.done end, hw.now() + limit) then
    hw.fail { message = ("the task spawned in line %d did not end within %s of modem time"):format(self.line,
      hw.span(limit)), because = opts.because }
  end
end

---Run a function beside the scenario. Its error fails the scenario; the scenario's end ends it.
---@param fn fun()
---@return {wait: fun(self, opts?: table), done: boolean}
function Test:spawn(fn)
  hw.state(self, "Test")
  hw.check_type(fn, "function", "t:spawn: the argument")
  local _, line = hw.here()
  local job = setmetatable({ done = false, line = line }, Job)
  hw.spawn(function()
    fn()
    job.done = true
    hw.wake()
  end)
  return job
end

---Wait until `count` tasks have come to the barrier of that name; then it can be used again.
---@param name string
---@param count integer
---@param opts? {within?: string, because?: string}
function Test:barrier(name, count, opts)
  local st = hw.state(self, "Test")
  hw.check_type(name, "string", "t:barrier: the name")
  if math.type(count) ~= "integer" or count < 1 then hw.usage("t:barrier: say how many tasks meet there") end
  opts = hw.options(opts, { "within", "because" }, "t:barrier")
  st.barriers = st.barriers or {}
  local barrier = st.barriers[name] or { count = count, here = 0, round = 0 }
  st.barriers[name] = barrier
  if barrier.count ~= count then
    hw.usage(('t:barrier: "%s" was for %d tasks, not %d'):format(name, barrier.count, count))
  end
  local round, limit = barrier.round, hw.limit(opts, BARRIER_DEFAULT)
  barrier.here = barrier.here + 1
  if barrier.here == count then
    barrier.here, barrier.round = 0, round + 1
    hw.wake()
    return
  end
  if not hw.await(function() return barrier.round ~= round end, hw.now() + limit) then
    hw.fail { message = ('%d of %d tasks came to the barrier "%s" within %s of modem time'):format(barrier.here, count,
      name, hw.span(limit)), because = opts.because }
  end
end

---Let modem time pass. Wait for something that happens instead, where there is something.
---@param duration string
function Test:let_pass(duration)
  hw.state(self, "Test")
  hw.pause(hw.duration(duration, "t:let_pass"))
end

-- ---- checks ----

local function message_of(message, note, what)
  if note == nil then return message end
  return hw.check_type(note, "string", what .. ": the note") .. ": " .. message
end

---Fail unless both are equal; tables are compared by what they hold.
---@param got any
---@param want any
---@param note? string
function Test:equal(got, want, note)
  hw.state(self, "Test")
  local differences = failure.differences(got, want)
  if #differences == 0 then return end
  local rows = { { "got", failure.show(got) }, { "wanted", failure.show(want) } }
  if type(got) == "table" and type(want) == "table" then
    failure.add(rows, "differences", table.concat(differences, "\n"))
    hw.fail { message = message_of("the tables differ", note, "t:equal"), rows = rows }
  end
  hw.fail {
    message = message_of(("got %s, wanted %s"):format(failure.show(got), failure.show(want)), note, "t:equal"),
    rows = rows,
  }
end

---Fail unless the numbers differ by at most `tolerance`.
---@param got number
---@param want number
---@param tolerance number
---@param note? string
function Test:near(got, want, tolerance, note)
  hw.state(self, "Test")
  for _, value in ipairs { want, tolerance } do hw.check_type(value, "number", "t:near: what is wanted") end
  if type(got) == "number" and math.abs(got - want) <= tolerance then return end
  local message = ("got %s, wanted %s, give or take %s"):format(failure.show(got), want, tolerance)
  hw.fail { message = message_of(message, note, "t:near") }
end

---Fail unless the condition is true.
---@param condition any
---@param note? string  what should be so
function Test:check(condition, note)
  hw.state(self, "Test")
  -- A number is what text:find() returns behind its first result.
  if type(note) == "number" then note = nil end
  if note ~= nil then hw.check_type(note, "string", "t:check: the note") end
  if not condition then hw.fail { message = note or ("this is " .. tostring(condition)) } end
end

---End the scenario without a verdict.
---@param reason string
function Test:skip(reason)
  hw.state(self, "Test")
  hw.raise("skip", hw.check_type(reason, "string", "t:skip: the reason"))
end
