-- SPDX-License-Identifier: MIT
-- A modem on an open tty, and nobody says anything.
scenario("nothing happens", function(t)
  t:modem { dialect = "bc26" }
  local host = t:host()

  host:expect_output("ready", { within = "1m" })
  t:let_pass "3s"
end)
