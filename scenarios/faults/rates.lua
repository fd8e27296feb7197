-- SPDX-License-Identifier: MIT
-- The echo doubled, the autobaud's rate forgotten in the middle of the talk, and a UART at another rate, whose garbage
-- ends with the next start.
scenario("The host synchronises again", function(t)
  local modem = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s", download_rate = "16k" }
  modem:fault "at.e=double_echo"
  modem:fault "at.cesq=lose_rate"
  modem:fault "at.cgatt=wrong_rate:9600"
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local host = t:host { "bc26-updater", modem.tty, t:http():publish("/update.bin", package) }
  modem:expect("AT+CGATT?", { within = "10m" })
  t:let_pass("30s")
  modem:reset()
  host:expect_exit(0, { within = "20m" })
end)
