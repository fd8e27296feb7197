-- SPDX-License-Identifier: MIT
-- Seed 000, 2.3: once networked the module asks the service, and then each day. The host only follows.
local bench = require "air720_bench"

scenario("Air720 upgrades itself on the day that there is something new", function(t)
  local b = bench.new(t, { auto_first = "30s", auto_period = "5m" })
  local host = bench.host(t, b, "auto")

  b.modem:expect('AT+UPGRADE="AUTO",1', { within = "2m" })
  local first = b.luat:expect_query { within = "5m" }
  t:equal(first.cause, 26)
  bench.release(b)
  local second = b.luat:expect_query { within = "10m" }
  t:near(second.t_us - first.t_us, 300e6, 10e6)
  b.modem:wait_urc("+UPGRADEIND: 0", { within = "1m" })
  b.modem:wait_urc("+UPGRADEIND: 100", { within = "1m" })
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "5m" })
  host:expect_exit(0, { within = "2m" })
  b.modem:never("AT+UPGRADE", { for_ = "1s" })
  t:equal(b.modem.firmware, bench.NEW)
end)

scenario("The host lives through an upgrade that nobody announced, and a power cut in it", function(t)
  local b = bench.new(t, { auto_first = "30s", auto_period = "5m" })
  bench.release(b)
  b.modem:fault "air720.fota.flash@50%=power_cut"
  local host = bench.host(t, b, "auto")

  b.modem:wait_urc("+UPGRADEIND: 100", { within = "5m" })
  b.modem:wait_power("off", { within = "2m" })
  b.modem:power_on { after = "10s" }
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "5m" })
  host:expect_exit(0, { within = "5m" })
end)
