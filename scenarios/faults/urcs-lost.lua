-- SPDX-License-Identifier: MIT
scenario("The host does not depend on a single URC", function(t)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05",
    update_time = "5s", download_rate = "16k" }
  modem:fault 'urc@"HTTPSTART"=lost'
  modem:fault 'urc@"HTTPEND"=dup'
  modem:fault 'boot.line@"UPDATING"*3=lost'
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  t:host { "bc26-updater", modem.tty, t:http():publish("/update.bin", package) }:expect_exit(0, { within = "20m" })
end)
