-- SPDX-License-Identifier: MIT
-- The guide, 2.3: before the upgrade, make sure that the module is registered.
local REGISTRATION_US = 180000000

scenario("The host waits for a module that takes minutes to register", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem {
    dialect = "bc26", firmware = "BC26NBR01A05", registration = "3m", update_time = "5s", download_rate = "16k",
  }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

  local ask = modem:expect("AT+QFOTADL=", { within = "10m" })
  t:check(ask.t_us > REGISTRATION_US, "AT+QFOTADL must wait for the registration")
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem:count("AT+QFOTADL="), 1)
  t:equal(modem.firmware, "BC26NBR01A06")
end)
