-- SPDX-License-Identifier: MIT
-- Seed of the module's guide, 3.1: power loss while UPDATING forces the upgrade at the next boot.
scenario("BC26 finishes its update after a power cut while UPDATING", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05" }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

  modem:fault "bc26.fota.update@37%=power_cut"
  modem:expect("AT+QFOTADL=", { within = "2m" })
  modem:wait_power("off", { within = "5m" })
  modem:power_on { after = "3s" }
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end)
