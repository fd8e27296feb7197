-- SPDX-License-Identifier: MIT
-- Settings that are being stored when the power goes: done, lost, torn, or so damaged that those of the factory stand.
local upgrade = require "upgrade"

for _, policy in ipairs { "done", "lost", "torn", "garbled" } do
  scenario("The module starts with whole settings, and the host goes on, when the cut is " .. policy, function(t)
    local modem = upgrade.modem(t)
    modem:fault('nv.commit/mid@"fota"#3=power_cut:' .. policy)
    upgrade.restore_power(t, modem)
    upgrade.finish(t, modem)
  end)
end
