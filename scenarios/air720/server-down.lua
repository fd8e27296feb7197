-- SPDX-License-Identifier: MIT
-- Error -1002: nobody takes the connection. The host tries again after a pause, and gives up in the end.
local bench = require "air720_bench"

scenario("The host tries again after the server was down (-1002)", function(t)
  local b = bench.new(t)
  b.server:down()
  local host = bench.host(t, b)

  host:expect_output("-1002", { within = "10m" })
  b.server:up()
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(b.modem.firmware, bench.NEW)
end)

scenario("The host gives up when the vendor's service stays down", function(t)
  local b = bench.new(t)
  b.luat:down()
  local host = bench.host(t, b, "service")

  host:expect_exit(3, { within = "20m" })
  t:equal(b.modem:count("AT+UPGRADE"), 3)
  t:equal(b.modem.firmware, bench.OLD)
end)
