-- SPDX-License-Identifier: MIT
-- The plain case: the guide's five steps (chapter 2), nothing goes wrong.
scenario("BC26 upgrades over the air and runs the new version", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "10s", download_rate = "16k" }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

  modem:expect("ATI", { within = "2m", because = "only a package for the running version fits" })
  modem:expect("AT+CEREG?", { within = "2m", because = "the module has to be registered" })
  modem:expect("AT+QFOTADL=", { within = "2m" })
  modem:wait_urc('+QIND: "FOTA","HTTPEND",0', { within = "5m" })
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "5m" })
  modem:expect("ATI", { within = "2m", because = "only the new version is success" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
  t:equal(modem:count("AT+QFOTADL="), 1)
end)
