-- SPDX-License-Identifier: MIT
-- Class Luat: the upgrade service of Air720 modules, t:platform("luat"). What it does is in luat.c.
local hw = ...

local Luat = hw.class("Luat")

local DEFAULT_LIMIT = "1m"
local PROJECT = "air720x"

-- An IMEI, or the modem that has it.
local function imei_of(what, caller)
  if type(what) == "userdata" then
    return what.imei
  end
  return hw.check_type(what, "string", caller .. ": a device")
end

---Make devices known to a project, and the project itself.
---@param opts {devices?: (string|Modem)[], project?: string}
function Luat:configure(opts)
  opts = hw.options(opts, { "devices", "project" }, 't:platform("luat")')
  local project = opts.project
  if project ~= nil then hw.check_type(project, "string", 't:platform("luat"): project') end
  self:add_project(project or PROJECT)
  for _, device in ipairs(opts.devices or {}) do
    self:add_device(imei_of(device, 't:platform("luat")'), project or PROJECT)
  end
end

---What is offered, and to whom.
---@class hayeswire.Release
---@field version string
---@field package? Package|string
---@field url? string
---@field project? string
---@field devices? table
---@field switch? boolean

---Offer firmware to a project's devices. The package is served by the service itself, or is fetched
---from the URL that it names.
---@param opts hayeswire.Release
function Luat:release(opts)
  opts = hw.options(opts, { "version", "package", "url", "project", "devices", "switch" }, "luat:release")
  local version = hw.check_type(opts.version, "string", "luat:release: version")
  local bytes, imeis = opts.package, nil
  if (bytes == nil) == (opts.url == nil) then
    hw.usage("luat:release: give a package, or the url of one")
  end
  if type(bytes) == "userdata" then
    bytes = bytes.bytes
  elseif bytes ~= nil then
    hw.check_type(bytes, "string", "luat:release: package")
  end
  if opts.url ~= nil then hw.check_type(opts.url, "string", "luat:release: url") end
  if opts.devices ~= nil then
    imeis = {}
    for index, device in ipairs(hw.check_type(opts.devices, "table", "luat:release: devices")) do
      imeis[index] = imei_of(device, "luat:release")
    end
  end
  self:add_release(opts.project or PROJECT, version, opts.url, bytes, opts.switch == false, imeis)
end

local function await_visit(self, kind, what, opts, caller)
  hw.options(opts, { "within", "because" }, caller)
  local state = hw.state(self, "Luat")
  local seen = "seen_" .. kind
  local visit = hw.await(function()
    local visits = self:visits()
    for index = state[seen] or 1, #visits do
      if visits[index].kind == kind then
        state[seen] = index + 1
        return visits[index]
      end
    end
    return nil
  end, hw.deadline(opts, DEFAULT_LIMIT))
  if visit then
    return visit
  end
  hw.fail {
    message = ("no device %s within %s of modem time"):format(what, hw.span(hw.limit(opts, DEFAULT_LIMIT))),
    because = opts and opts.because,
  }
end

---Wait for a module that asks for firmware. Each query is taken once.
---@param opts? {within?: string, because?: string}
---@return {kind: string, imei: string, firmware: string, cause: integer, t_us: integer}
function Luat:expect_query(opts)
  return await_visit(self, "query", "asked for firmware", opts, "luat:expect_query")
end

---Wait for a module that reports its upgrade. Each report is taken once.
---@param opts? {within?: string, because?: string}
---@return {kind: string, imei: string, firmware: string, cause: integer, t_us: integer}
function Luat:expect_report(opts)
  return await_visit(self, "report", "reported an upgrade", opts, "luat:expect_report")
end

---How many devices have reported an upgrade (seed 000, 2.2: the statistics of the service).
---@return integer
function Luat:upgraded()
  local known, count = {}, 0
  for _, visit in ipairs(self:visits()) do
    if visit.kind == "report" and not known[visit.imei] then
      known[visit.imei] = true
      count = count + 1
    end
  end
  return count
end
