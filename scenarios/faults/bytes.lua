-- SPDX-License-Identifier: MIT
-- Single bytes go wrong, and a line that delivers three bytes at a time.
scenario("The host reads what comes in pieces, and asks again when it is spoilt", function(t)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05",
    update_time = "5s", download_rate = "16k" }
  modem:fault "line.tx=slice:3"
  modem:fault 'line.tx@"+CEREG:"=flip:5'
  modem:fault 'line.rx@"+CGATT?"=garble:2'
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  t:host { "bc26-updater", modem.tty, t:http():publish("/update.bin", package) }:expect_exit(0, { within = "20m" })
end)
