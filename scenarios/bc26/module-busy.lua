-- SPDX-License-Identifier: MIT
-- An upgrade runs already, begun before the host was started: its own is refused as busy (table 2), and the result of
-- the first one is what it waits for.
scenario("The host follows an upgrade that somebody else has begun", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem {
    dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s", download_rate = "1k",
    quirks = { "baud-fixed-default" },
  }
  local url     = server:publish("/update.bin", package)

  modem:wait_urc("+IP:", { within = "1m" })
  local other = t:host { "at-chat", modem.tty, ('AT+QFOTADL="%s"'):format(url), fixed = true }
  other:expect_exit(0, { within = "1m" })
  local host  = t:host { "bc26-updater", modem.tty, url }
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "15m" })
  host:expect_exit(0, { within = "5m" })
  t:equal(modem.firmware, "BC26NBR01A06")
  t:equal(#server:requests(), 1, "one download")
end)
