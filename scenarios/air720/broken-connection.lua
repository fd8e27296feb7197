-- SPDX-License-Identifier: MIT
-- The connection breaks at 40 %: the module goes on with a Range by itself, and the host sees nothing of it.
local bench = require "air720_bench"

scenario("Air720 resumes a broken connection by itself", function(t)
  local b = bench.new(t, { habit = { cut_after = 26000, cut_times = 1 } })
  local host = bench.host(t, b)

  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
  local requests = b.server:requests()
  t:equal(#requests, 2)
  t:equal(requests[2].range, "bytes=24576-")
  t:equal(requests[2].status, 206)
  t:equal(b.modem:count("AT+UPGRADE"), 1)
end)

scenario("Air720 takes the new package when it was replaced while the connection was broken", function(t)
  local b = bench.new(t, { habit = { cut_after = 26000, cut_times = 1 } })
  local host = bench.host(t, b)

  b.server:expect_request("/update.bin", { within = "5m" })
  b.server:publish("/update.bin", t:package { dialect = "air720", from = bench.OLD, to = bench.NEW, size = "80k" })
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(b.server:requests()[2].status, 206)
  t:equal(b.server:requests()[3].status, 200, "from its first byte")
  t:equal(b.modem.firmware, bench.NEW)
end)

scenario("Air720 refuses a mixture of two packages of one size", function(t)
  local b = bench.new(t, { habit = { cut_after = 26000, cut_times = 1 } })
  local host = bench.host(t, b)

  b.server:expect_request("/update.bin", { within = "5m" })
  b.server:publish("/update.bin", t:package { dialect = "air720", from = bench.OLD, to = "AirM2M_720_V500_LTE_AT" })
  host:expect_output("-1003", { within = "15m" })
  host:expect_exit(4, { within = "2m" })
  t:equal(b.modem.firmware, bench.OLD)
end)
