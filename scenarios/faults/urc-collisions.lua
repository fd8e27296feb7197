-- SPDX-License-Identifier: MIT
-- The four ways in which a URC meets a reply: before it, inside it, behind it in one read, and cut in two.
scenario("The host keeps URCs and replies apart", function(t)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05",
    update_time = "5s", download_rate = "16k" }
  modem:fault 'urc@"+CPIN"=collide:before'
  modem:fault 'urc@"+IP"=collide:inside'
  modem:fault 'urc@"HTTPSTART"=collide:split'
  modem:fault 'urc@"HTTPEND"=collide:behind'
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  t:host { "bc26-updater", modem.tty, t:http():publish("/update.bin", package) }:expect_exit(0, { within = "20m" })
end)
