-- SPDX-License-Identifier: MIT
-- The host wants to know the signal.
scenario("the host asks for the signal", function(t)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" } }

  modem:wait_power("on", { within = "1m" })
  local host = t:host()
  host:expect_output("ready", { within = "2m" })
  modem:expect("AT+CSQ", { within = "3s" })
end)
