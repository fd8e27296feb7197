-- SPDX-License-Identifier: MIT
-- The supply: a brown-out while a page is written, and a modem that starts three times before it is up. The host hangs
-- on the same supply, and is started again with the modem.
scenario("A brown-out and a loop of restarts end in the new version", function(t)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05",
    update_time = "5s", download_rate = "16k", shared_supply = true }
  modem:fault 'flash.program@"package"/mid#5=brown_out:2s'
  modem:fault 'boot.step@"ready"#2*3=reset'
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local host = t:host { "bc26-updater", modem.tty, t:http():publish("/update.bin", package) }
  modem:wait_power("off", { within = "10m" })
  host:expect_exit(0, { within = "30m" })
  t:check(modem.boots >= 6, "it started at least six times")
end)
