-- SPDX-License-Identifier: MIT
-- The globals of scenarios: the harmless part of Lua's library, scenario(), pat, require.
-- Reading or writing any other global is an error of the scenario.
local hw = ...

local UNAVAILABLE = {
  os = "modem time is t:now(), pauses are t:let_pass(\"2s\")",
  io = "t:note() writes into the transcript, t:package{ file = ... } reads a vendor's file",
  debug = "print() writes into the transcript",
  load = "write the code into a module and require it",
  loadfile = "use require",
  dofile = "use require",
  loadstring = "write the code into a module and require it",
}

local function copy(library, except)
  local result = {}
  for key, value in pairs(library) do
    if key ~= except then result[key] = value end
  end
  return result
end

local environment = {
  _VERSION = _VERSION,
  assert = assert, error = error, ipairs = ipairs, next = next, pairs = pairs, pcall = pcall,
  rawequal = rawequal, rawget = rawget, rawlen = rawlen, rawset = rawset, select = select,
  getmetatable = getmetatable, tonumber = tonumber, tostring = tostring, type = type, xpcall = xpcall,
  coroutine = copy(coroutine), math = copy(math), string = copy(string, "dump"), table = copy(table),
  utf8 = copy(utf8),
  pat = hw.match.pat,
}
hw.environment = environment

environment.math.random = hw.random
environment.math.randomseed = function()
  hw.usage("the run's seed decides about random numbers; see --seed")
end

-- A finaliser would run at a time of its own choosing, outside of every task.
function environment.setmetatable(tbl, meta)
  if type(meta) == "table" and rawget(meta, "__gc") ~= nil then
    hw.usage("__gc is not available to scenarios; use a <close> variable")
  end
  return setmetatable(tbl, meta)
end

function environment.print(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  hw.note(table.concat(parts, "\t"))
end

getmetatable("").__metatable = false

-- ---- scenario() ----

local function check_tags(tags)
  if tags == nil then return end
  hw.check_type(tags, "table", "scenario: tags")
  for _, tag in ipairs(tags) do hw.check_type(tag, "string", "scenario: a tag") end
end

-- Checks that the scenario asked for, made when its body is over and nothing failed: hw.endings.
hw.endings = {}

local function with_endings(body)
  return function(t)
    body(t)
    for _, ending in ipairs(hw.endings) do ending() end
  end
end

local sweeps = {} -- by title: the checks that the scenario gives to a sweep
hw.sweeps = sweeps

local function take_sweep(title, sweep)
  if sweep == nil then return end
  hw.check_type(sweep, "table", "scenario: sweep")
  hw.options(sweep, { "safe", "live" }, "scenario: sweep")
  for _, name in ipairs { "safe", "live" } do
    if sweep[name] ~= nil then hw.check_type(sweep[name], "function", "scenario: sweep: " .. name) end
  end
  sweeps[title] = sweep
end

---Declare a scenario. Its checks for `hayeswire sweep` take the place of the usual ones: safe right after the power
---came back, live once nothing more goes wrong. The title is a sentence in the present tense, unique in its file.
---@param title string
---@param opts {timeout?: string, tags?: string[], sweep?: {safe?: fun(t), live?: fun(t)}}|fun(t: hayeswire.Test)
---@param body? fun(t: hayeswire.Test)
function environment.scenario(title, opts, body)
  if type(title) ~= "string" or not title:find("%S") then
    hw.usage('scenario: the title comes first: scenario("The host retries after an ERROR", function(t) ... end)')
  end
  if title:find("%c") then hw.usage("scenario: the title is one line of text") end
  if body == nil and type(opts) == "function" then opts, body = nil, opts end
  if type(body) ~= "function" then
    hw.usage("scenario: the function is missing: scenario(title, function(t) ... end)")
  end
  opts = hw.options(opts, { "timeout", "tags", "sweep" }, "scenario")
  check_tags(opts.tags)
  take_sweep(title, opts.sweep)
  hw.declare(title, with_endings(body), opts.timeout ~= nil and hw.duration(opts.timeout, "timeout") or 0)
end

-- ---- require ----

local ANCESTOR_MAX = 8 -- folders above a scenario in which a lib/ is looked for

local modules = {} -- by path: the value, or LOADING
local LOADING = {}
hw.modules = modules

local function parent(folder)
  if folder == "." or folder == "" then return nil end
  return folder:match("^(.*)/[^/]+$") or (folder:find("/") and nil or ".")
end

-- The scenario's own folder, its lib/, and the lib/ of each folder up to the one named "scenarios".
local function candidates(file, name)
  local folder = file:match("^(.*)/[^/]*$") or "."
  local inside = ("/" .. folder .. "/"):find("/scenarios/", 1, true) ~= nil
  local list = { folder .. "/" .. name .. ".lua", folder .. "/lib/" .. name .. ".lua" }
  for _ = 1, ANCESTOR_MAX do
    if not inside or folder:match("([^/]*)$") == "scenarios" then break end
    folder = parent(folder)
    if not folder then break end
    list[#list + 1] = folder .. "/lib/" .. name .. ".lua"
  end
  return list
end

---Run a module once and return its value. Modules are files of the scenario's folder or of a lib/ folder above it.
---@param name string  "helpers", or "bc26.helpers" for bc26/helpers.lua
---@return any
function environment.require(name)
  hw.check_type(name, "string", "require: the name")
  if not name:find("^[%w_%-]+[%w_%-%.]*$") or name:find("%.%.") then
    hw.usage(('require: "%s" is not the name of a module'):format(name))
  end
  local file = hw.here() or hw.scenario_file()
  local list = candidates(file, (name:gsub("%.", "/")))
  for _, path in ipairs(list) do
    if modules[path] == LOADING then hw.usage(("require: %s requires itself"):format(path)) end
    if modules[path] ~= nil then return modules[path] end
    if hw.readable(path) then
      modules[path] = LOADING
      local value = hw.load_source(path)(name)
      if value == nil then value = true end
      modules[path] = value
      return value
    end
  end
  return hw.usage(('require: no module "%s"; looked for %s'):format(name, table.concat(list, ", ")))
end

-- ---- strictness, last: from here on the environment is closed ----

local function known_names()
  local names = {}
  for _, key in ipairs(hw.sorted_keys(environment)) do names[#names + 1] = tostring(key) end
  return names
end

setmetatable(environment, {
  __metatable = false,
  __index = function(_, key)
    if UNAVAILABLE[key] then
      hw.usage(("%s is not available to scenarios: %s"):format(key, UNAVAILABLE[key]))
    end
    hw.usage(('the name "%s" is not defined%s'):format(tostring(key), hw.did_you_mean(tostring(key), known_names())))
  end,
  __newindex = function(_, key)
    hw.usage(('the name "%s" is not defined; declare it local'):format(tostring(key)))
  end,
})
