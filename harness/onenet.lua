-- SPDX-License-Identifier: MIT
-- Class OneNet: the platform of M531x modules, t:platform("onenet"). What it does is in onenet.c.
local hw = ...

local OneNet = hw.class("OneNet")

hw.made.tasks = {}

local DEFAULT_LIMIT = "1m"

-- An IMEI, or the modem that has it.
local function imei_of(what, caller)
  if type(what) == "userdata" then
    return what.imei
  end
  return hw.check_type(what, "string", caller .. ": the device")
end

local function setting_value(row, value, caller)
  local what = ("%s: %s"):format(caller, row.name)
  if row.type == "duration" then
    return hw.duration(value, what)
  elseif row.type == "boolean" then
    return hw.check_type(value, "boolean", what)
  elseif math.type(value) ~= "integer" or value < 0 then
    hw.usage(what .. ": a whole number was expected")
  end
  return value
end

local function apply(self, rows, opts, caller)
  local names = {}
  for index, row in ipairs(rows) do
    names[index] = row.name
  end
  opts = hw.options(opts, names, caller)
  for _, row in ipairs(rows) do
    if opts[row.name] ~= nil then
      self:set(row.name, setting_value(row, opts[row.name], caller))
    end
  end
end

---@class hayeswire.OneNetOptions
---@field ack_timeout? string      a request is sent again after it, then after twice that ...
---@field retransmits? integer     how often
---@field retry? string            from a failed attempt to the next
---@field upgrade_timeout? string  from the order to install to the renewed registration
---@field auto_observe? boolean    observe each instance that registers
---@field auto_discover? boolean   discover each object that registers

---Times and habits of a platform that is as it should be.
---@param opts hayeswire.OneNetOptions
function OneNet:configure(opts)
  apply(self, self:option_rows(), opts, 't:platform("onenet")')
end

---@class hayeswire.OneNetHabits
---@field rejects? boolean          refuse registrations
---@field silent? boolean           answer nothing
---@field forgets? boolean          know no device that renews its registration
---@field ignores_battery? boolean  upgrade with an empty battery
---@field never_closes? boolean     no empty write at the end
---@field skips_block? integer      blocks count from 1, and each of these happens once
---@field repeats_block? integer
---@field corrupts_block? integer
---@field stops_at_block? integer

---Break a rule. Flags hold until they are set to false.
---@param habits hayeswire.OneNetHabits
function OneNet:misbehave(habits)
  apply(self, self:habit_rows(), habits, "onenet:misbehave")
end

----------------------------------------------------------------------------------------------------
-- tasks

local Task = { __name = "task", __metatable = false }

Task.__index = function(task, name)
  local method = rawget(Task, name)
  if method then
    return method
  end
  local value = rawget(task, "onenet"):task_view(rawget(task, "number"))[name]
  if value == nil then
    hw.usage(('a task has no "%s"; it has state, reason, step, failures, sent_bytes and from_byte'):format(
      tostring(name)))
  end
  return value
end

---@class hayeswire.OneNetTask
---@field package any       what t:package{} made, or bytes
---@field target? string    the version that the device reports afterwards; the package's own without it
---@field md5? string       as typed into the console; the right one without it
---@field battery? integer  the lowest level in percent
---@field block? integer    bytes, 1024 without it
---@field tries? integer    failed attempts before the task has failed, 5 without it
---@field device? any       a modem or an IMEI; the first that comes without it
---@field what? string      "software" of the host (SOTA), without it; or "firmware" of the module itself (FOTA)

---Create a task: upgrade a device's software, or its module's firmware, to the target version.
---@param opts hayeswire.OneNetTask
---@return any task  with state, reason, step, failures, sent_bytes, from_byte, and expect()
function OneNet:task(opts)
  opts = hw.options(opts, { "package", "target", "md5", "battery", "block", "tries", "device", "what" }, "onenet:task")
  local bytes, target = opts.package, opts.target
  if type(bytes) == "userdata" then
    target = target or bytes.to
    bytes = bytes.bytes
  end
  hw.check_type(bytes, "string", "onenet:task: package")
  hw.check_type(target, "string", "onenet:task: target")
  for _, name in ipairs { "battery", "block", "tries" } do
    local value = opts[name]
    if value ~= nil and (math.type(value) ~= "integer" or value < 0) then
      hw.usage(("onenet:task: %s: a whole number was expected"):format(name))
    end
  end
  local what = hw.check_word(opts.what or "software", { "software", "firmware" }, "onenet:task: what")
  local imei = opts.device ~= nil and imei_of(opts.device, "onenet:task") or nil
  for _, made in ipairs(hw.made.packages) do
    if what == "firmware" and made.to == target then made.of_module = true end -- for a sweep
  end
  local number = self:add_task(target, bytes, opts.md5, opts.battery or 0, opts.block or 0, opts.tries or 0, imei,
    what == "firmware")
  local task = setmetatable({ onenet = self, number = number }, Task)
  hw.made.tasks[#hw.made.tasks + 1] = task
  return task
end

---End the task as the user of the console may: it has failed, and what the device holds of it stays there.
function Task:cancel()
  rawget(self, "onenet"):cancel_task(rawget(self, "number"))
end

---Wait until the task has that state: "waiting", "running", "succeeded", "failed" or "refused".
---@param state string
---@param opts? {within?: string, because?: string}
function Task:expect(state, opts)
  hw.check_word(state, { "waiting", "running", "succeeded", "failed", "refused" }, "task:expect")
  hw.options(opts, { "within", "because" }, "task:expect")
  if hw.await(function() return self.state == state end, hw.deadline(opts, DEFAULT_LIMIT)) then
    return
  end
  hw.fail {
    message = ("the task is not %s within %s of modem time; it is %s"):format(state,
      hw.span(hw.limit(opts, DEFAULT_LIMIT)), self.state),
    rows = {
      { "task", ("%s %s, %d bytes sent, %d failures"):format(self.state, self.step, self.sent_bytes, self.failures) },
      { "reason", self.reason == "" and "none" or self.reason },
    },
    because = opts and opts.because,
  }
end

----------------------------------------------------------------------------------------------------
-- requests

---"3300/0/5700", "5/0" or "3300" to three numbers, -1 for what is left open.
local function path_of(path, caller)
  hw.check_type(path, "string", caller .. ": the path")
  local parts = {}
  for part in path:gsub("^/", ""):gmatch("[^/]+") do
    parts[#parts + 1] = math.tointeger(part)
  end
  if #parts == 0 or #parts > 3 or #parts ~= select(2, path:gsub("^/", ""):gsub("/", "")) + 1 then
    hw.usage(('%s: a path is written "3300/0/5700"'):format(caller))
  end
  return parts[1], parts[2] or -1, parts[3] or -1
end

local function ask(self, kind, path, text, data, opts)
  local caller = "onenet:" .. kind
  hw.options(opts, { "within", "because", "device" }, caller)
  local object, instance, resource = path_of(path, caller)
  local imei = opts and opts.device ~= nil and imei_of(opts.device, caller) or nil
  local number = self:ask(kind, object, instance, resource, text, data, imei)
  local code, answer
  local function answered()
    code, answer = self:answer(number)
    return code
  end
  if not hw.await(answered, hw.deadline(opts, DEFAULT_LIMIT)) then
    hw.fail {
      message = ("the device did not answer the %s of %s within %s of modem time"):format(kind, path,
        hw.span(hw.limit(opts, DEFAULT_LIMIT))),
      because = opts and opts.because,
    }
  end
  return code, answer
end

---Read a resource ("3300/0/5700") or an instance ("3300/0").
---@param path string
---@param opts? {within?: string, because?: string, device?: any}
---@return integer code  CoAP's: 205 for 2.05, 0 if nobody answered
---@return string text
function OneNet:read(path, opts)
  return ask(self, "read", path, nil, nil, opts)
end

---Write bytes to a resource.
---@param path string
---@param bytes string
---@param opts? {within?: string, because?: string, device?: any}
---@return integer code
function OneNet:write(path, bytes, opts)
  hw.check_type(bytes, "string", "onenet:write: the bytes")
  return ask(self, "write", path, nil, bytes, opts)
end

---Execute a resource.
---@param path string
---@param arguments? string
---@param opts? {within?: string, because?: string, device?: any}
---@return integer code
function OneNet:execute(path, arguments, opts)
  return ask(self, "execute", path, arguments, nil, opts)
end

---Begin to observe.
---@param path string
---@param opts? {within?: string, because?: string, device?: any}
---@return integer code
function OneNet:observe(path, opts)
  return ask(self, "observe", path, nil, nil, opts)
end

---End an observation.
---@param path string
---@param opts? {within?: string, because?: string, device?: any}
---@return integer code
function OneNet:cancel(path, opts)
  return ask(self, "cancel", path, nil, nil, opts)
end

---Ask for the resources of an object.
---@param path string
---@param opts? {within?: string, because?: string, device?: any}
---@return integer code
---@return string list  "5700;5601"
function OneNet:discover(path, opts)
  return ask(self, "discover", path, nil, nil, opts)
end

---Set the attributes of an observation, "pmin=1;pmax=10".
---@param path string
---@param attributes string
---@param opts? {within?: string, because?: string, device?: any}
---@return integer code
function OneNet:parameter(path, attributes, opts)
  hw.check_type(attributes, "string", "onenet:parameter: the attributes")
  return ask(self, "parameter", path, attributes, nil, opts)
end

---Wait for the next value that a device tells by itself. Each is taken once.
---@param opts? {within?: string, because?: string}
---@return {path: string, text: string}
function OneNet:expect_notify(opts)
  hw.options(opts, { "within", "because" }, "onenet:expect_notify")
  local state = hw.state(self, "OneNet")
  local notify = hw.await(function()
    return self:notifies()[state.seen or 1]
  end, hw.deadline(opts, DEFAULT_LIMIT))
  if not notify then
    hw.fail {
      message = ("no device told a value within %s of modem time"):format(hw.span(hw.limit(opts, DEFAULT_LIMIT))),
      because = opts and opts.because,
    }
  end
  state.seen = (state.seen or 1) + 1
  return notify
end
