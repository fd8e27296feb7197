-- SPDX-License-Identifier: MIT
-- A server that takes the request and says nothing costs the module its whole patience, and ends in HTTPEND,12.
scenario("The host tries again after a server kept silent", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem {
    dialect = "bc26", firmware = "BC26NBR01A05", http_timeout = "20s", update_time = "5s", download_rate = "16k",
  }
  local url     = server:publish("/update.bin", package, { silent = true })
  local host    = t:host { "bc26-updater", modem.tty, url }

  server:expect_request("/update.bin", { within = "5m" })
  modem:wait_urc('+QIND: "FOTA","HTTPEND",12', { within = "2m" })
  t:equal(modem.fota, "idle")
  server:publish("/update.bin", package)
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "15m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end)
