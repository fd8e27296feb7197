-- SPDX-License-Identifier: MIT
-- What a fault strikes in the examples of this folder: an upgrade of a BC26 by its example host.
local upgrade = {}

---A module with short times; options come on top. Arm faults and then start the host.
---@param t hayeswire.Test
---@param options? table
---@return hayeswire.Modem
function upgrade.modem(t, options)
  local all = {
    dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05", update_time = "5s",
    download_rate = "16k",
  }
  for name, value in pairs(options or {}) do all[name] = value end
  return t:modem(all)
end

---The package of a new version, on a server of its own.
function upgrade.url(t)
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  return t:http():publish("/update.bin", package)
end

---The example host on the module's tty, or on another one.
function upgrade.host(t, modem, tty)
  return t:host { "bc26-updater", tty or modem.tty, upgrade.url(t) }
end

---The host brings the module to the new version.
function upgrade.finish(t, modem, tty)
  upgrade.host(t, modem, tty):expect_exit(0, { within = "20m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end

---Somebody gives power back, three seconds after it went, so many times.
function upgrade.restore_power(t, modem, times)
  t:spawn(function()
    for _ = 1, times or 1 do
      modem:wait_power("off", { within = "10m" })
      modem:power_on { after = "3s" }
    end
  end)
end

return upgrade
