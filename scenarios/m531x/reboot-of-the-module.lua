-- SPDX-License-Identifier: MIT
-- A restart of the module forgets its session and keeps the state of the upgrade.
for _, point in ipairs { "m531x.sota.block#3", "m531x.sota.update", "m531x.mipl.answer#5" } do
  scenario("M531x finishes the upgrade of its host after a reset at " .. point, function(t)
    local onenet  = t:platform("onenet", { retry = "10s" })
    local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 6000 }
    local task    = onenet:task { package = package }
    local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
    local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

    modem:fault(point .. "=reset")
    task:expect("succeeded", { within = "15m" })
    host:expect_exit(0, { within = "2m" })
    t:equal(modem.boots, 2)
  end)
end
