-- SPDX-License-Identifier: MIT
-- The guide, table 1: HTTPEND,13 means that the network is gone.
scenario("The host upgrades later when the network is lost in the download", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s" }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

  modem:wait_urc('+QIND: "FOTA","DOWNLOADING",20%', { within = "5m" })
  modem:network "none"
  modem:wait_urc('+QIND: "FOTA","HTTPEND",13', { within = "5m" })
  modem:expect("AT+CEREG?", { within = "5m" })
  modem:network "home"
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "15m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end)
