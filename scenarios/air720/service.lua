-- SPDX-License-Identifier: MIT
-- Seed 000, 3.3: AT+UPGRADE alone lets the module ask the vendor's service, which names the package's place.
local bench = require "air720_bench"

scenario("Air720 asks the vendor's service and is counted as upgraded", function(t)
  local b = bench.new(t)
  bench.release(b)
  local host = bench.host(t, b, "service")

  local query = b.luat:expect_query { within = "5m" }
  t:equal(query.firmware, bench.OLD)
  t:equal(query.cause, 0)
  b.server:expect_request("/update.bin", { within = "1m" })
  b.modem:wait_urc('+UPGRADEVER: "' .. bench.NEW .. '_NAND"', { within = "5m" })
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "2m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(b.luat:expect_report().firmware, bench.NEW)
  t:equal(b.luat:upgraded(), 1)
end)
