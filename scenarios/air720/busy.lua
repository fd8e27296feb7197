-- SPDX-License-Identifier: MIT
-- The module has begun by itself when the host asks: a second AT+UPGRADE is refused, and the host follows the first.
local bench = require "air720_bench"

scenario("The host follows an upgrade that the module has begun by itself", function(t)
  local b = bench.new(t, { size = "400k", download_rate = "2k", power = false })
  local asked = false
  bench.release(b)
  b.modem:power_on()
  b.modem:wait_power("on")
  local host = bench.host(t, b, "service")
  b.modem:on("AT+CGATT", function()
    -- Between the host's look at the network and its AT+UPGRADE, the other port starts one.
    if not asked then
      asked = true
      t:host { "at-chat", b.modem:tty_of("uart2"), "AT+UPGRADE", fixed = true }:expect_exit(0, { within = "2m" })
    end
    return "+CGATT: 1"
  end)
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(#b.luat:visits(), 2, "one query, one report")
  t:equal(b.modem.firmware, bench.NEW)
end)
