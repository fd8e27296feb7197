-- SPDX-License-Identifier: MIT
-- The lines of the upgrade differ between the guide's own chapters and firmware versions. Each quirk is one
-- documented difference, and the host understands all of them.
local bench = require "air720_bench"

local quirks = {
  "upgraddl-spelling", "upgradedl-on-at-port", "upgradedl-as-qind", "upgradeind-skip-zero", "upgradeind-only-100",
  "upgradeind-error-urc", "upgradeind-nospace", "upgrade-query-percent", "upgrade-legacy-progress",
  "url-set-autostarts", "upgrade-strict-args", "upgrade-tags-v422", "upgradever-absent", "upgrade-second-ok",
  "boot-urc-cat1", "cpin-ready-twice", "ident-bare",
}

for _, quirk in ipairs(quirks) do
  scenario("The host understands an Air720 with " .. quirk, function(t)
    local b = bench.new(t, { quirks = { quirk } })
    local host = bench.host(t, b)

    host:expect_exit(0, { within = "20m" })
    t:equal(b.modem.firmware, bench.NEW)
    t:equal(#b.server:requests(), 1)
  end)
end

scenario("The host reads an error that an Air720 tells unasked", function(t)
  local b = bench.new(t, { quirks = { "upgradeind-error-urc" }, store_size = "48k" })
  local host = bench.host(t, b)

  b.modem:wait_urc("+UPGRADEIND: -1005", { within = "10m" })
  host:expect_exit(5, { within = "2m" })
end)

scenario("The host does not wait for ever for a result that an Air720 hides", function(t)
  local b = bench.new(t, { quirks = { "upgrade-query-broken-after-fail" }, habit = { status = 404 } })
  local host = bench.host(t, b)

  host:expect_exit(3, { within = "20m" })
end)
