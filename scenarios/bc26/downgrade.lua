-- SPDX-License-Identifier: MIT
-- The guide, chapter 1: a delta package takes the module to an older version just as well.
scenario("BC26 goes back to an older version", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A06", to = "BC26NBR01A05" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A06", update_time = "5s", download_rate = "16k" }
  local host    = t:host {
    "bc26-updater", "--target", "BC26NBR01A05", modem.tty, server:publish("/update.bin", package),
  }

  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A05")
end)
