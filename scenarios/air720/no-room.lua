-- SPDX-License-Identifier: MIT
-- Error -1005: the module can not keep the package. Error -1006: anything else, which may pass.
local bench = require "air720_bench"

scenario("The host gives up when the module has no room for the package (-1005)", function(t)
  local b = bench.new(t, { store_size = "48k" })
  local host = bench.host(t, b)

  host:expect_output("-1005", { within = "10m" })
  host:expect_exit(5, { within = "2m" })
  t:equal(#b.server:requests(), 1)
end)

scenario("The host tries again after an error without a name (-1006)", function(t)
  local b = bench.new(t)
  b.modem:fault "air720.fota.query#1=fail"
  local host = bench.host(t, b)

  host:expect_output("-1006", { within = "10m" })
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
end)
