-- SPDX-License-Identifier: MIT
-- The guide, table 2: END,255 means that the package is damaged. The old version goes on running.
scenario("The host gives up when the package is damaged", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", download_rate = "16k" }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package:damaged()) }

  modem:wait_urc('+QIND: "FOTA","END",255', { within = "10m" })
  host:expect_exit(4, { within = "5m", because = "its status for a package that does not fit" })
  t:equal(modem.firmware, "BC26NBR01A05")
  t:equal(modem:count("AT+QFOTADL="), 1, "the same package must not be asked for again")
end)
