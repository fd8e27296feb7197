-- SPDX-License-Identifier: MIT
-- Seed 000, 2.3: the module asks its service once a day. A whole day of it: nothing new at first, then a release, a
-- server that breaks the transfer over and over, the resumes, the upgrade. The host sleeps until there is something.
local bench = require "air720_bench"

scenario("Air720 finds nothing new, and upgrades itself a day later from a server that breaks off", function(t)
  local b = bench.new(t, { habit = { cut_after = 9000, cut_times = 5 } })
  local host = t:host { "air720-updater", b.modem.tty, b.modem:tty_of("uart2"), "auto", "--timeout-s", "100000" }

  b.modem:expect('AT+UPGRADE="AUTO",1', { within = "2m" })
  local first = b.luat:expect_query { within = "5m" }
  t:equal(first.cause, 26)
  t:let_pass("12h")
  bench.release(b)
  local second = b.luat:expect_query { within = "13h" }
  t:near(second.t_us - first.t_us, 86400e6, 1e6)
  b.modem:wait_urc("+UPGRADEIND: 100", { within = "5m" })
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "5m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(b.modem.firmware, bench.NEW)
  t:equal(#b.server:requests(), 6)
  t:equal(b.luat:upgraded(), 1)
end)
