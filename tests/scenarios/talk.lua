-- SPDX-License-Identifier: MIT
-- The modem goes on talking, whether or not anybody reads.
scenario("the modem talks", function(t)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" } }
  local host  = t:host()

  host:expect_output("ready", { within = "5m" })
  modem:wait_power("on", { within = "1m" })
  for _ = 1, 4000 do modem:raw(("x"):rep(98) .. "\r\n") end
  t:let_pass "2s"
  host:signal "TERM"
  host:expect_exit("SIGTERM", { within = "5m" })
end)
