-- SPDX-License-Identifier: MIT
-- The module keeps how far the upgrade is; wherever its power goes, the platform goes on where the host stands.
local CUTS = {
  { "while the host erases",          "m531x.sota.erased=power_cut" },
  { "as a block arrives",             "m531x.sota.block#4=power_cut" },
  { "as a block is acknowledged",     "m531x.sota.written#4=power_cut" },
  { "as the last block arrives",      "m531x.sota.block#6=power_cut" },
  { "before the installation",        "m531x.sota.update=power_cut" },
  { "as the task ends",               "m531x.sota.close=power_cut" },
  { "as it registers",                "m531x.mipl.register=power_cut" },
  { "as it stores its state",         "nv.commit#4/mid=power_cut:torn" },
}

for _, cut in ipairs(CUTS) do
  scenario("M531x finishes the upgrade of its host after a power cut " .. cut[1], function(t)
    local onenet  = t:platform("onenet", { retry = "10s" })
    local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 6000 }
    local task    = onenet:task { package = package }
    local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
    local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

    modem:fault(cut[2])
    modem:wait_power("off", { within = "2m" })
    modem:power_on { after = "3s" }
    task:expect("succeeded", { within = "15m" })
    host:expect_exit(0, { within = "2m" })
    t:equal(modem.fota, "idle")
  end)
end
