-- SPDX-License-Identifier: MIT
-- A modem and its host are there; that is all.
scenario("all starts", function(t)
  t:modem { dialect = "bc26" }
  local host = t:host()

  host:expect_output("ready", { within = "1m" })
end)
