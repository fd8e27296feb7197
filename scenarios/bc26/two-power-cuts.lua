-- SPDX-License-Identifier: MIT
-- The guide, 3.1: each loss of power while UPDATING makes the next start an upgrade again.
scenario("BC26 finishes its update after two power cuts in a row", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "20s", download_rate = "16k" }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

  modem:fault "bc26.fota.update@80%=power_cut:torn"
  modem:fault "bc26.fota.update@90%=power_cut:lost"
  for _ = 1, 2 do
    modem:wait_power("off", { within = "10m" })
    modem:power_on { after = "3s" }
    modem:wait_urc('+QIND: "FOTA","UPDATING", 1%, 1, 1', { within = "2m" })
  end
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
  t:equal(modem:count("AT+QFOTADL="), 1, "the upgrade goes on without being asked for")
end)
