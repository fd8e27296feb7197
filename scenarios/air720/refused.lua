-- SPDX-License-Identifier: MIT
-- The causes of seed 000, 3.1, each made as it would be made at the real service. The host tells them apart and stops.
local bench = require "air720_bench"

local ways = {
  [3] = function(b) b.luat:refuse(3) end,
  [17] = function(b)
    b.luat:add_project "another"
    b.luat:add_device(b.modem.imei, "another")
  end,
  [26] = function(b) b.luat:release { version = "AirM2M_720U_V907_LTE_AT", url = b.url } end,
}

for _, cause in ipairs { 3, 17, 26 } do
  scenario(("The host stops when the service refuses with cause %d"):format(cause), function(t)
    local b = bench.new(t)
    ways[cause](b)
    local host = bench.host(t, b, "service")

    t:equal(b.luat:expect_query({ within = "5m" }).cause, cause)
    host:expect_output("cause " .. cause, { within = "5m" })
    host:expect_exit(8, { within = "5m" })
    t:equal(b.modem:count("AT+UPGRADE"), 1, "it asked once")
  end)
end

scenario("The host stops when the service refuses with cause 25", function(t)
  local b = bench.new(t, { product_key = "0123456789abcdef0123456789abcdef" })
  local host = bench.host(t, b, "service")

  t:equal(b.luat:expect_query({ within = "5m" }).cause, 25)
  host:expect_output("cause 25", { within = "5m" })
  host:expect_exit(8, { within = "5m" })
end)

scenario("The host asks again when the package is being made (cause 43)", function(t)
  local b = bench.new(t, { quirks = { "cloud-codes-new" } })
  bench.release(b)
  b.luat:refuse(43)
  local host = bench.host(t, b, "service")

  t:equal(b.luat:expect_query({ within = "5m" }).cause, 43)
  host:expect_output("cause 43", { within = "5m" })
  b.luat:refuse()
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "15m" })
  host:expect_exit(0, { within = "2m" })
end)
