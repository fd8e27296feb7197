-- SPDX-License-Identifier: MIT
-- Somebody pulls the reset pin in the download: the module has forgotten the upgrade, and the host asks again.
local bench = require "air720_bench"

scenario("The host asks again after a reset in the download", function(t)
  local b = bench.new(t, { download_rate = "4k" })
  local host = bench.host(t, b)

  b.modem:wait_urc("+UPGRADEIND: 40", { within = "5m" })
  b.modem:reset()
  b.modem:wait_urc("RDY", { within = "1m" })
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "20m" })
  host:expect_exit(0, { within = "5m" })
  t:equal(#b.server:requests(), 2)
  t:equal(b.server:requests()[2].range, nil, "the guide promises no resume after a restart")
end)
