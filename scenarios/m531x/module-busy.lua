-- SPDX-License-Identifier: MIT
-- Errors of single commands do not end the upgrade.
for _, fault in ipairs { "at.miplopen=fail:652", "at.miplcreate=fail:100", "at.miplsotaver=fail:601" } do
  scenario("M531x gets its host registered in spite of " .. fault, function(t)
    local onenet  = t:platform("onenet", { retry = "10s" })
    local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
    local task    = onenet:task { package = package }
    local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
    local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

    modem:fault(fault)
    task:expect("succeeded", { within = "10m" })
    host:expect_exit(0, { within = "2m" })
  end)
end

for _, fault in ipairs { "at.miplreadrsp#3=fail:652", "at.miplsota#2=fail:652", "at.miplexecutersp=fail:652" } do
  scenario("M531x upgrades its host in spite of " .. fault, function(t)
    local onenet  = t:platform("onenet", { retry = "10s" })
    local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
    local task    = onenet:task { package = package }
    local modem   = t:modem { dialect = "m531x", link_latency = "50ms", callback_timeout = "5s" }
    local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

    modem:fault(fault)
    task:expect("succeeded", { within = "10m" })
    host:expect_exit(0, { within = "2m" })
  end)
end
