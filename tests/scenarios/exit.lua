-- SPDX-License-Identifier: MIT
-- The host starts, and ends when it is done.
scenario("the host ends by itself", function(t)
  local host = t:host()

  host:expect_output("ready", { within = "2m" })
  host:expect_exit(0, { within = "2m" })
end)
