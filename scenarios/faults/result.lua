-- SPDX-License-Identifier: MIT
-- Lies about the result on the other modules: their hosts believe the version alone.
local LIES = { "lie", "lost", "dup", "early" }

for _, lie in ipairs(LIES) do
  scenario("The host of an MT5700M finds out what runs when the result is: " .. lie, function(t)
    local modem = t:modem { dialect = "mt5700", quirks = { "huawei-80-90" }, flash_time = "5s" }
    modem:fault("fota.result=" .. lie)
    local url = t:http():publish_folder("/mt5700/", t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)" })
    t:host { "mt5700-updater", t:tty_link(), url }:expect_exit(0, { within = "20m" })
    t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  end)

  scenario("The host behind an M531x is upgraded when the end of its task is: " .. lie, function(t)
    local onenet = t:platform("onenet", { retry = "10s", upgrade_timeout = "1m" })
    onenet:task { package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 } }
    local modem = t:modem { dialect = "m531x", link_latency = "50ms" }
    modem:fault("fota.result=" .. lie)
    t:host { "m531x-mcu", modem.tty, "--until", "test000" }:expect_exit(0, { within = "20m" })
  end)
end
