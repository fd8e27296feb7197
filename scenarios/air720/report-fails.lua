-- SPDX-License-Identifier: MIT
-- +UPGRADEVER: 0 says that the service was not told. The upgrade itself is complete, and the host says so.
local bench = require "air720_bench"

scenario("A report that does not arrive is no failed upgrade", function(t)
  local b = bench.new(t)
  b.luat:status(500)
  local host = bench.host(t, b)

  b.modem:wait_urc("+UPGRADEVER: 0", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(b.modem.firmware, bench.NEW)
  t:equal(b.luat:upgraded(), 0)
end)
