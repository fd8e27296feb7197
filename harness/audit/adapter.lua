-- SPDX-License-Identifier: MIT
-- A host's adapter, a small Lua file that returns a table: how the host is started, what its exit statuses mean, and
-- where its version, its reports and its consent prompt appear. `hayeswire audit --help` shows one with all fields.
local hw = ...
local audit = hw.audit

local OPTIONS = {
  "command", "env", "statuses", "claims", "version", "url_message", "service_url", "package", "battery", "consent",
  "https", "reports", "slow_erase", "time_scale",
}

-- What a host can mean by an exit status.
local MEANINGS = { "success", "up to date", "refused", "failure", "usage" }

-- The reports of a host to a server, in the order in which they come.
audit.REPORTS = {
  "download_begun", "download_done", "download_failed", "upgrade_begun", "upgrade_done", "upgrade_failed",
}

-- A pat"..." or a text as a pattern of Lua.
local function pattern_of(value, what)
  if type(value) == "table" and rawget(value, "is_pattern") then return value.pattern end
  if value == nil then return nil end
  return (hw.check_type(value, "string", what):gsub("%p", "%%%0"))
end

local function check_list(list, what)
  if list == nil then return end
  for _, item in ipairs(hw.check_type(list, "table", what)) do
    if type(item) ~= "string" and math.type(item) ~= "integer" then
      hw.usage(("%s: a list of words was expected, as in { \"updater\", \"{tty}\" }"):format(what))
    end
  end
end

-- ---- exit statuses ----

-- "failure: no download" -> "failure", "no download"
local function meaning_of(text, what)
  hw.check_type(text, "string", what)
  local kind, words = text:match "^%s*([^:]-)%s*:%s*(.*)$"
  return { kind = hw.check_word(kind or text, MEANINGS, what), words = words }
end

local function read_statuses(given, what, has_claims)
  local statuses, has_success = {}, has_claims
  for status, text in pairs(hw.check_type(given, "table", what)) do
    if math.type(status) ~= "integer" or status < 0 or status > 255 then
      hw.usage(('%s: "%s" is no exit status; they are whole numbers from 0 to 255, as in [0] = "success"'):format(
        what, tostring(status)))
    end
    statuses[status] = meaning_of(text, ("%s: [%d]"):format(what, status))
    has_success = has_success or statuses[status].kind == "success"
  end
  if not has_success then
    hw.usage(('%s: none of them is "success"; say which one is, as in [0] = "success", or what the host prints then: '
      .. "claims = ..."):format(what))
  end
  return statuses
end

-- ---- the other fields ----

local function read_consent(given, what)
  hw.options(given, { "prompt", "refuse" }, what)
  check_list(given.refuse, what .. ".refuse")
  return { prompt = pattern_of(given.prompt, what .. ".prompt"), refuse = given.refuse }
end

local function read_reports(given, what)
  local names = { "from" }
  for _, name in ipairs(audit.REPORTS) do names[#names + 1] = name end
  hw.options(given, names, what)
  local reports = { from = hw.check_word(given.from or "collector", { "collector", "output" }, what .. ".from") }
  for _, name in ipairs(audit.REPORTS) do reports[name] = pattern_of(given[name], ("%s.%s"):format(what, name)) end
  return reports
end

local function read_battery(given, what)
  hw.options(given, { "low", "full" }, what)
  for _, name in ipairs { "low", "full" } do
    hw.check_type(given[name], "string", ("%s.%s, the name of a signal,"):format(what, name))
  end
  return given
end

local function read_text(given, what) return hw.check_type(given, "string", what) end
local function read_table(given, what) return hw.check_type(given, "table", what) end
local function read_list(given, what)
  check_list(given, what)
  return given
end

local READERS = {
  command = read_list, env = read_table, claims = pattern_of, version = pattern_of, url_message = pattern_of,
  service_url = read_text, package = read_table, battery = read_battery, consent = read_consent, https = read_list,
  reports = read_reports, slow_erase = read_list,
  time_scale = function(given, what) return hw.check_type(given, "boolean", what) end,
}

---The adapter of a file, or the usual one: status 0 is success.
---@param path? string
---@return table
function audit.load_adapter(path)
  local given = path and hw.check_type(hw.load_source(path)(), "table", path .. ": what it returns") or {}
  local adapter, name = {}, path and path:match "[^/]*$" or "adapter"
  hw.options(given, OPTIONS, path or name)
  for _, key in ipairs(OPTIONS) do
    local reader = READERS[key]
    if reader and given[key] ~= nil then adapter[key] = reader(given[key], ("%s: %s"):format(name, key)) end
  end
  adapter.knows_all = given.statuses ~= nil
  adapter.statuses = given.statuses == nil and { [0] = { kind = "success" } }
    or read_statuses(given.statuses, name .. ": statuses", adapter.claims ~= nil)
  if adapter.claims then -- then a status alone is none
    for _, meaning in pairs(adapter.statuses) do
      if meaning.kind == "success" then meaning.kind = "failure" end
    end
  end
  return adapter
end

-- ---- what the host made of the upgrade ----

-- Where the host's process ended last; nil while it runs.
local function ending_of(events)
  local ending
  for _, event in ipairs(events) do
    if event.kind == "host" and event.text:find("^started") then ending = nil end
    if event.kind == "host" and event.text:find("^[ek]%l+ [wb]") then ending = event end
  end
  return ending
end

---What the host made of the upgrade, in its own eyes: what the adapter knows as its claim, or its exit status.
---@return "success"|"up to date"|"refused"|"failure"|"usage"|"crash"|"running" outcome
---@return hayeswire.Event? ending  where it said so
---@return string? words  what it said
function audit.outcome(events, adapter)
  for _, event in ipairs(events) do
    if adapter.claims and (event.kind == "stdout" or event.kind == "stderr") and event.text:find(adapter.claims) then
      return "success", event, "printed " .. event.text
    end
  end
  local ending = ending_of(events)
  if not ending then return "running" end
  local status = math.tointeger(tonumber(ending.text:match("^exited with (%d+)$")))
  if not status then return "crash", ending, ending.text end
  local meaning = adapter.statuses[status]
  if meaning then
    return meaning.kind, ending, ending.text .. (meaning.words and ": " .. meaning.words or "")
  end
  return "failure", ending, ending.text .. (adapter.knows_all and ", a status that the adapter does not name" or "")
end

---The version that the host has printed last before an event, where the adapter says how it prints it.
---@return string?
function audit.told_version(events, adapter, before)
  if not adapter.version then return nil end
  for i = before.index, 1, -1 do
    local event = events[i]
    local told = (event.kind == "stdout" or event.kind == "stderr") and event.text:match(adapter.version)
    if told then return told, event end
  end
end
