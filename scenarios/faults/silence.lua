-- SPDX-License-Identifier: MIT
-- Swallowed, done without an answer, refused once.
scenario("The host asks again when a command stays without an answer", function(t)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05",
    update_time = "5s", download_rate = "16k" }
  modem:fault "at.cereg=silence"
  modem:fault "reply.cgatt=silence"
  modem:fault "at.cesq#2=fail:4"
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  t:host { "bc26-updater", modem.tty, t:http():publish("/update.bin", package) }:expect_exit(0, { within = "20m" })
end)
