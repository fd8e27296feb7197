-- SPDX-License-Identifier: MIT
-- A modem that thinks: constant, drawn from a range by the run's seed, or longer each time.
scenario("The host waits for slow answers", function(t)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05",
    update_time = "5s", download_rate = "16k" }
  modem:fault "at.i=delay:2s"
  modem:fault "at.cereg*0=delay:500ms..2s"
  modem:fault "reply.cesq*0=delay:1s+500ms"
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  t:host { "bc26-updater", modem.tty, t:http():publish("/update.bin", package) }:expect_exit(0, { within = "20m" })
end)
