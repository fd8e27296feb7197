-- SPDX-License-Identifier: MIT
-- Cause 27 is no failure: the host is done, and does not ask again.
local bench = require "air720_bench"

scenario("The host is content when the service has nothing newer", function(t)
  local b = bench.new(t)
  b.luat:release { version = bench.OLD, url = b.url }
  local host = bench.host(t, b, "service")

  t:equal(b.luat:expect_query({ within = "5m" }).cause, 27)
  host:expect_output("27", { within = "5m" })
  host:expect_exit(0, { within = "5m" })
  t:equal(#b.luat:visits(), 1, "it asked once")
  t:equal(b.modem.firmware, bench.OLD)
end)
