-- SPDX-License-Identifier: MIT
-- HTTPEND,12: nobody takes the connection. The host tries again after a pause.
scenario("The host upgrades when the server is up again", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s", download_rate = "16k" }
  local url     = server:publish("/update.bin", package)

  server:down()
  local host = t:host { "bc26-updater", modem.tty, url }
  modem:wait_urc('+QIND: "FOTA","HTTPEND",12', { within = "5m" })
  server:up()
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "15m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
  t:equal(modem:count("AT+QFOTADL="), 2)
end)
