-- SPDX-License-Identifier: MIT
-- Error -1001: without network, or when it does not come back. A short loss is the module's own matter.
local bench = require "air720_bench"

scenario("Air720 resumes its download when the network was lost for a while", function(t)
  local b = bench.new(t, { download_rate = "4k" })
  local host = bench.host(t, b)

  b.modem:wait_urc("+UPGRADEIND: 50", { within = "5m" })
  b.modem:network "none"
  t:let_pass "12s"
  b.modem:network "home"
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
  local requests = b.server:requests()
  t:equal(#requests, 2)
  t:check((requests[2].range or ""):find("^bytes=[1-9]%d*%-$"), "the second request is for the rest of the file")
  t:equal(b.modem:count("AT+UPGRADE"), 1)
end)

scenario("The host tries again after the module lost the network for long (-1001)", function(t)
  local b = bench.new(t, { download_rate = "4k", download_retries = 2 })
  local host = bench.host(t, b)

  b.modem:wait_urc("+UPGRADEIND: 30", { within = "5m" })
  b.modem:network "none"
  host:expect_output("-1001", { within = "10m" })
  b.modem:network "home"
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "20m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(b.modem.firmware, bench.NEW)
end)
