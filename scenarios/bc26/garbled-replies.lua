-- SPDX-License-Identifier: MIT
-- Bytes get lost on a UART. A careful host takes a reply that it does not understand for no reply.
scenario("The host asks again when replies are garbled", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s", download_rate = "16k" }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

  modem:fault 'line.tx@"Revision:"=flip:5'
  modem:fault 'line.tx@"+CEREG: 0"=garble:4'
  modem:fault 'line.tx@"+CGATT: 1\\r\\n\\r\\nO"=drop'
  modem:expect("ATI", { within = "2m" })
  modem:expect("ATI", { within = "2m", because = "the first answer had no version" })
  modem:expect("AT+CEREG?", { within = "5m" })
  modem:expect("AT+CEREG?", { within = "5m", because = "the first answer was no registration" })
  modem:expect("AT+CGATT?", { within = "5m" })
  modem:expect("AT+CGATT?", { within = "5m", because = "the first answer had no end" })
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end)
