-- SPDX-License-Identifier: MIT
-- The connection broke, and when the module asks for the rest, the server has another file under the same name.
local bench = require "air720_bench"

scenario("Air720 begins anew when the file has another length", function(t)
  local b = bench.new(t, { download_rate = "8k", habit = { cut_after = 40000, cut_times = 1 } })
  local host = bench.host(t, b)

  b.server:expect_request("/update.bin", { within = "5m" })
  b.server:publish("/update.bin", t:package { dialect = "air720", from = bench.OLD, to = bench.NEW, size = "80k" })
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "5m" })
  t:equal(b.modem.firmware, bench.NEW)
  local requests = b.server:requests()
  t:check(requests[2].range, "it asks for the rest")
  t:equal({ requests[#requests].range, requests[#requests].status }, { nil, 200 }, "and then for the whole file")
end)
