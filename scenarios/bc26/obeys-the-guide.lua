-- SPDX-License-Identifier: MIT
-- t:obey holds the host to the rules of the module's guide, whatever else the scenario looks at; here while the power
-- goes in the worst moment. `hayeswire list rules -d bc26` prints the rules.
scenario("The host obeys the guide while the module loses its power in UPDATING", function(t)
  t:obey "bc26"
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "20s", download_rate = "16k" }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

  modem:fault "bc26.fota.update@37%=power_cut"
  modem:wait_power("off", { within = "10m" })
  modem:power_on { after = "3s" }
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
  host:expect_exit(0, { within = "2m" })
end)
