-- SPDX-License-Identifier: MIT
-- The power goes in each phase. Before +UPGRADEIND: 100 nothing is left of the attempt and the host asks again; from
-- then on the module finishes by itself.
local bench = require "air720_bench"

local early = {
  ["while it asks"] = "air720.fota.query=power_cut",
  ["in the download"] = "air720.fota.download@50%=power_cut",
  ["in a flash write"] = "flash.program#7/mid=power_cut:torn",
  ["while it judges the package"] = "air720.fota.store=power_cut",
}

local late = {
  ["after 100 %"] = "air720.fota.reboot=power_cut",
  ["while it writes"] = "air720.fota.flash@37%=power_cut",
  ["before it switches"] = "air720.fota.switch=power_cut",
  ["before it tells its version"] = "air720.fota.version=power_cut",
  ["before it tells the service"] = "air720.fota.report=power_cut",
}

local function play(t, fault, times_asked)
  local b = bench.new(t)
  b.modem:fault(fault)
  local host = bench.host(t, b)

  b.modem:wait_power("off", { within = "10m" })
  t:check(b.modem.firmware == bench.OLD or b.modem.firmware == bench.NEW, "old or new, never a mixture")
  b.modem:power_on { after = "5s" }
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "20m" })
  host:expect_exit(0, { within = "5m" })
  t:equal(b.modem.firmware, bench.NEW)
  t:equal(b.modem:count("AT+UPGRADE"), times_asked)
end

for _, phases in ipairs { early, late } do
  local names = {}
  for name in pairs(phases) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    scenario("The host brings an Air720 to its new version that lost its power " .. name, function(t)
      play(t, phases[name], phases == early and 2 or 1)
    end)
  end
end

scenario("Two power cuts in a row do not stop the upgrade", function(t)
  local b = bench.new(t)
  b.modem:fault "air720.fota.flash@40%#1=power_cut"
  b.modem:fault "air720.fota.flash@80%#1=power_cut"
  local host = bench.host(t, b)

  for _ = 1, 2 do
    b.modem:wait_power("off", { within = "10m" })
    b.modem:power_on { after = "5s" }
  end
  b.modem:wait_urc("+UPGRADEVER: 1", { within = "20m" })
  host:expect_exit(0, { within = "5m" })
  t:equal(b.modem.firmware, bench.NEW)
end)
