-- SPDX-License-Identifier: MIT
-- What is asked after a fault of a sweep has struck. The body of the scenario is gone by then; modems, hosts and
-- servers go on. A supervisor gives power back to modems that lost it, as a person at the desk would.
--
-- Safe: the modem boots, with the old firmware or with the new one. Live: its host, which nobody disturbs any more,
-- brings it to the new version and says so by exit status 0; a task of a platform ends as succeeded. Where the world
-- is against it for good (a package that does not fit, a module that lies) live means: it ends, and does not claim what
-- is not so.
local hw = ...

local prim = hw.class("HarnessPrimitives")

local POWER_PAUSE = "3s"    -- from the loss of power to its return
local SAFE_LIMIT = "15m"    -- for a start with an installation in it
local SETTLE_LIMIT = "10m"  -- for what the modem may still do when its host has ended

local function is_up(modem)
  return modem.power == "on" or modem.power == "sleeping"
end

local function supervise()
  for _, made in ipairs(hw.made.modems) do
    local modem = made.modem
    local function is_down() return modem.power == "hung" or modem.power == "off" end
    hw.spawn(function()
      while true do
        hw.await(is_down, hw.now() + hw.duration(SAFE_LIMIT), "power")
        if modem.power == "hung" then hw.modem.cut(modem, "lost") end
        if modem.power == "off" then
          hw.pause(hw.duration(POWER_PAUSE))
          hw.modem.power_on(modem)
        end
      end
    end)
  end
end

-- ---- versions ----

local function quoted_list(list)
  local parts = {}
  for i, version in ipairs(list) do parts[i] = '"' .. version .. '"' end
  return table.concat(parts, " or ")
end

---The versions that packages of the scenario bring to the modem; none when it has no package, or when it carries them
---to the host behind it, whose own exit status says how that went. of_module: it is the modem's own all the same.
local function new_versions(made)
  local list = {}
  local carries = hw.modem.upgrades_host(made.modem)
  for _, package in ipairs(hw.made.packages) do
    local is_own = package.dialect == made.modem.dialect and (package.of_module or not carries)
    if is_own then list[#list + 1] = package.to end
  end
  return list
end

local function holds(list, version)
  for _, known in ipairs(list) do
    if known == version then return true end
  end
  return false
end

-- ---- safe ----

local function safe()
  for _, made in ipairs(hw.made.modems) do
    local modem = made.modem
    hw.await(function() return is_up(modem) or modem.power == "dead" end, hw.now() + hw.duration(SAFE_LIMIT))
    if modem.power == "dead" then
      hw.fail { message = ("safe: %s does not boot any more: its firmware is damaged"):format(modem.name) }
    elseif not is_up(modem) then
      hw.fail { message = ("safe: %s is %s %s after the fault"):format(modem.name, modem.power, SAFE_LIMIT) }
    end
    local good = { made.first_version, table.unpack(new_versions(made)) }
    if not holds(good, modem.firmware) then
      hw.fail { message = ('safe: the firmware of %s is "%s" (want %s)'):format(modem.name, modem.firmware,
        quoted_list(good)) }
    end
  end
end

-- ---- live ----

local function settle(modem)
  hw.await(function() return is_up(modem) and modem.fota == "idle" end, hw.now() + hw.duration(SETTLE_LIMIT))
end

local function name_of(host)
  return #hw.made.hosts == 1 and "the host" or host.name
end

local function ending_of(host)
  local status, signal = prim.ending(host)
  if signal then return nil, name_of(host) .. " was killed by SIG" .. signal end
  return status, ("%s exited with status %d"):format(name_of(host), status)
end

local function await_hosts(limit_us)
  local deadline = hw.now() + limit_us
  for _, host in ipairs(hw.made.hosts) do
    if not hw.await(function() return not host:running() end, deadline, "host") then
      local words = {}
      for i, made in ipairs(hw.made.modems) do
        words[i] = ('%s runs "%s"'):format(made.modem.name, made.modem.firmware)
      end
      hw.fail { message = ("live: %s did not end within %s of modem time; %s"):format(name_of(host), hw.span(limit_us),
        table.concat(words, ", ")) }
    end
  end
end

---Is what the host said by its exit status so?
local function judge(made, host, is_honest)
  local modem, wanted = made.modem, new_versions(made)
  local status, words = ending_of(host)
  local is_new = #wanted == 0 or holds(wanted, modem.firmware)
  local fine
  if is_honest then
    fine = status ~= nil and (status ~= 0 or is_new)
  else
    fine = status == 0 and is_new
  end
  if not fine then
    local versions = #wanted == 0 and "" or ', and %s runs "%s" (want %s)'
    hw.fail { message = "live: " .. words .. versions:format(modem.name, modem.firmware, quoted_list(wanted)) }
  end
end

---What a platform has of the module's host is not the module's version but the end of its task.
local function await_tasks()
  for _, task in ipairs(hw.made.tasks or {}) do
    if not hw.await(function() return task.state == "succeeded" end, hw.now() + hw.duration(SETTLE_LIMIT)) then
      hw.fail { message = "live: the platform's task is " .. task.state }
    end
  end
end

local function live(is_honest, limit_us)
  await_hosts(limit_us)
  for _, made in ipairs(hw.made.modems) do
    settle(made.modem)
    for _, host in ipairs(hw.made.hosts) do judge(made, host, is_honest) end
    if #hw.made.hosts == 0 and not is_honest and not holds(new_versions(made), made.modem.firmware) then
      hw.fail { message = ('live: %s runs "%s"'):format(made.modem.name, made.modem.firmware) }
    end
  end
  if not is_honest then await_tasks() end
end

-- ---- all of it ----

function hw.after_body(t, title)
  local own = hw.sweeps[title] or {}
  local is_honest, limit_us = prim.question()
  supervise()
  if own.safe then own.safe(t) else safe() end
  if own.live then own.live(t) else live(is_honest, limit_us) end
end
