-- SPDX-License-Identifier: MIT
-- Error -1004 with the server's status. The host tries again, with growing pauses, and gives up.
local bench = require "air720_bench"

scenario("The host gives up after the server answered 404 three times (-1004)", function(t)
  local b = bench.new(t, { habit = { status = 404 } })
  local host = bench.host(t, b)

  host:expect_output("-1004 (the server's answer is wrong), HTTP 404", { within = "10m" })
  host:expect_exit(3, { within = "20m" })
  t:equal(#b.server:requests(), 3)
end)

scenario("The host goes on when the server has recovered (-1004)", function(t)
  local b = bench.new(t, { habit = { status = 503 } })
  local host = bench.host(t, b)

  host:expect_output("HTTP 503", { within = "10m" })
  b.server:publish("/update.bin", b.package)
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
end)
