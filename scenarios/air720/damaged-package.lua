-- SPDX-License-Identifier: MIT
-- Error -1003 without a cause: the package itself is wrong. Asking for it again would not help.
local bench = require "air720_bench"

scenario("The host does not ask again for a damaged package (-1003)", function(t)
  local b = bench.new(t)
  b.server:publish("/update.bin", b.package:damaged())
  local host = bench.host(t, b)

  host:expect_exit(4, { within = "10m" })
  t:equal(#b.server:requests(), 1)
  t:equal(b.modem.firmware, bench.OLD)
  t:equal(b.modem.boots, 1, "it did not restart for it")
end)

scenario("The host does not ask again for a package of another version (-1003)", function(t)
  local b = bench.new(t, { from = "AirM2M_720_V400_LTE_AT" })
  local host = bench.host(t, b)

  host:expect_exit(4, { within = "10m" })
  t:equal(#b.server:requests(), 1)
end)
