-- SPDX-License-Identifier: MIT
-- What a rule's monitor sees: the record as a list of typed events, and what the world was like at each of them.
--
-- An event has kind, who, text, t_us, seq and its index in the list; a command also name and args. Its world is what
-- the record had told until then (the event itself included): power ("on"), net ("attached"), fota ("idle"), any other
-- state that the dialect records under its first word, firmware, tty ("open"), host ("running"), each with the time of
-- its last change in world.since. Worlds are shared between events and never written to.
local hw = ...
local trace, match = hw.trace, hw.match

local audit = {}
hw.audit = audit

-- ---- selectors ----

local selector_class = {}
selector_class.__index = selector_class

---@class hayeswire.Selector
---@field test fun(event: hayeswire.Event): boolean
---@field show string

local function selector(show, test)
  return setmetatable({ show = show, test = test }, selector_class)
end

---The same, and the function must say yes as well.
function selector_class:where(fits, show)
  local test = self.test
  return selector(show or self.show, function(event) return test(event) and fits(event) end)
end

local function starts(text, beginning)
  return text:sub(1, #beginning) == beginning
end

local function of_kind(kind, what)
  if what == nil then return selector("a " .. kind, function(event) return event.kind == kind end) end
  if type(what) == "table" then
    return selector(tostring(what), function(event) return event.kind == kind and event.text:find(what.pattern) end)
  end
  return selector('"' .. what .. '"', function(event) return event.kind == kind and starts(event.text, what) end)
end

local select = { pat = match.pat }
audit.select = select

---A command: its text, or its beginning up to "=", in either case; a pattern; nil for any.
function select.cmd(what)
  if type(what) == "string" then
    local matcher = match.command(what, "cmd")
    return selector(what, function(event)
      return event.kind == "cmd" and matcher.test(event.text, event.t_us, event.who)
    end)
  elseif what then
    return selector(tostring(what), function(event)
      return event.kind == "cmd" and match.normal(event.text):find(what.pattern)
    end)
  end
  return selector("a command", function(event) return event.kind == "cmd" end)
end

---A URC by its beginning or by a pattern.
function select.urc(what) return of_kind("urc", what) end

---A state that the record tells: "fota idle", "net attached".
function select.state(what) return of_kind("state", what) end

---A state of the power: "off", "flashing".
function select.power(what) return of_kind("power", what) end

---A note of the simulator.
function select.note(what) return of_kind("note", what) end

---A fault that struck.
function select.fault(what) return of_kind("fault", what) end

---What HTTP servers and the modem's download tell.
function select.http(what) return of_kind("http", what) end

---What a vendor's platform tells.
function select.cloud(what) return of_kind("cloud", what) end

---What became of the host's process.
function select.host(what) return of_kind("host", what) end

---Bytes of the host, whether they were a command or not.
function select.sent() return of_kind("rx") end

---Bytes of the modem.
function select.said(what) return of_kind("tx", what) end

---A line that the host printed.
function select.printed(what)
  return selector(what and tostring(what) or "a line of the host", function(event)
    return (event.kind == "stdout" or event.kind == "stderr") and (not what or event.text:find(what.pattern) ~= nil)
  end)
end

---The first of several selectors that fits.
function select.any(...)
  local list, shown = { ... }, {}
  for i, one in ipairs(list) do shown[i] = one.show end
  return selector(table.concat(shown, " or "), function(event)
    for _, one in ipairs(list) do
      if one.test(event) then return true end
    end
    return false
  end)
end

-- ---- the list ----

local TRAFFIC_MAX = 50000 -- records of commands and bytes; a host that floods has shown by then what it does
local TRAFFIC = { cmd = true, rx = true, tx = true }
local BREATH = 10000 -- steps between two waits: long lists are no endless loops

---Called once a step of a loop over a record, which may be long.
function audit.breathe(step)
  if step % BREATH == 0 then hw.pause(0) end
end

local function with(world, key, value, t_us)
  local next_world = { since = {} }
  for k, v in pairs(world) do
    if k ~= "since" then next_world[k] = v end
  end
  for k, v in pairs(world.since) do next_world.since[k] = v end
  if next_world[key] ~= value then next_world.since[key] = t_us end
  next_world[key] = value
  return next_world
end

-- What a record changes in the world: key and value, or nothing.
local function change_of(event)
  local kind, text = event.kind, event.text
  if kind == "power" then return "power", text end
  if kind == "state" then return text:match("^(%S+) (.*)$") end
  if kind == "note" then
    local tty = text:match("^the tty is (%a+)$")
    if tty then return "tty", tty end
    if text == "the ttys vanish" then return "tty", "gone" end
  elseif kind == "host" then
    if text:find("^started") then return "host", "running" end
    if text:find("^exited") or text:find("^killed") then return "host", "ended" end
  end
end

local function advance(world, event)
  local key, value = change_of(event)
  if not key then return world end
  world = with(world, key, value, event.t_us)
  -- Without power the network is gone, and nobody tells.
  if key == "power" and (value == "off" or value == "booting") and world.net ~= "off" then
    world = with(world, "net", "off", event.t_us)
  end
  -- What is left of an upgrade is told after the start; most often nothing is, and then nothing is told.
  if key == "power" and value == "booting" then world = with(world, "fota", "idle", event.t_us) end
  return world
end

---The record so far as a list of events.
---@return hayeswire.Event[]
function audit.events()
  local list, traffic, world = {}, 0, { since = {}, net = "off", fota = "idle", power = "off" }
  for seq = trace.first(), trace.next() - 1 do
    local kind, who, text, t_us = trace.get(seq)
    local event = { kind = kind, who = who, text = text, t_us = t_us, seq = seq, index = #list + 1 }
    if kind == "cmd" then
      local command = match.new_command(text, t_us, who)
      event.name, event.args = command.name, command.args
    end
    world = advance(world, event)
    event.world = world
    if TRAFFIC[kind] then traffic = traffic + 1 end
    if not TRAFFIC[kind] or traffic <= TRAFFIC_MAX then list[#list + 1] = event end
    audit.breathe(seq)
  end
  return list
end

-- ---- replies ----

local FINALS = { "OK", "ERROR", "NO CARRIER", "%+CM[ES] ERROR:[^\r\n]*" }

local function final_of(text)
  for _, final in ipairs(FINALS) do
    local found = text:match("[\r\n](" .. final .. ")\r?\n$") or text:match("^(" .. final .. ")\r?\n$")
    if found then return found end
  end
end

---The modem's answer to a command: final is "OK", "ERROR", ...; nil when none came before the next command or the loss
---of power.
---@return {final: string, text: string, event: hayeswire.Event}?
function audit.reply(events, command)
  local text = "" -- a fault may have split it
  for i = command.index + 1, #events do
    local event = events[i]
    if event.kind == "power" then return nil end
    if event.who == command.who and event.kind == "tx" then
      text = text .. event.text
      local final = final_of(text)
      if final then return { final = final, text = text, event = event } end
    elseif event.who == command.who and event.kind == "cmd" and text ~= "" then
      return nil
    end
  end
end
