-- SPDX-License-Identifier: MIT
-- A server that takes the request and says nothing costs the module its whole patience.
local bench = require "air720_bench"

scenario("The host tries again after a server kept silent", function(t)
  local b = bench.new(t, { http_timeout = "10s", download_retries = 0, habit = { silent = true } })
  local host = bench.host(t, b)

  host:expect_output("-1001", { within = "10m" })
  b.server:publish("/update.bin", b.package)
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
end)
