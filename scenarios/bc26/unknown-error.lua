-- SPDX-License-Identifier: MIT
-- The guide, table 2: END,1 is an error without a name, and END,2 says that an upgrade runs already.
scenario("The host gives up after an error without a name, and says so", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem {
    dialect = "bc26", firmware = "BC26NBR01A05", download_rate = "16k", update_time = "20s",
  }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

  modem:fault "fota.result=fail:1"
  modem:wait_urc('+QIND: "FOTA","END",1', { within = "10m" })
  host:expect_exit(5, { within = "5m", because = "its status for another failure of the module" })
  t:equal(modem.firmware, "BC26NBR01A05")
end)

scenario("An upgrade that is begun twice is refused with END,2 where the firmware tells it so", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem {
    dialect = "bc26", firmware = "BC26NBR01A05", download_rate = "4k", update_time = "20s",
    quirks = { "fota-busy-end2", "baud-fixed-default" },
  }
  local url     = server:publish("/update.bin", package)

  modem:wait_urc("+IP:", { within = "1m" })
  local command = ('AT+QFOTADL="%s"'):format(url)
  local host    = t:host { "at-chat", "--until", '+QIND: "FOTA","END",0', modem.tty, command, command, fixed = true }
  modem:wait_urc('+QIND: "FOTA","END",2', { within = "1m" })
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m", because = "the first one goes on" })
  host:expect_exit(0, { within = "1m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end)
