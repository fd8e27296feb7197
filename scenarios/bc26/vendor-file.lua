-- SPDX-License-Identifier: MIT
-- A vendor's package tells nobody what it is. The bench believes the versions that are declared for it.
scenario("BC26 installs a vendor's file of declared versions", function(t)
  local server  = t:http()
  local package = t:package {
    dialect = "bc26", file = "files/opaque-delta.bin", from = "BC26NBR01A05", to = "BC26NBR01A07",
  }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s", download_rate = "16k" }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/opaque-delta.bin", package) }

  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A07")
end)
