-- SPDX-License-Identifier: MIT
-- Writes to flash, before, in and after: what becomes of the page is the policy's to say.
local upgrade = require "upgrade"

local FAULTS = {
  'flash.erase@"package"#4=power_cut', 'flash.program@"package"/mid#7=power_cut:torn',
  'flash.program@"app"/mid#3=power_cut:garbled', 'flash.program@"app"/after#9=power_cut:done',
}
for _, fault in ipairs(FAULTS) do
  scenario("A cut in flash leaves the old firmware or the new: " .. fault, function(t)
    local modem = upgrade.modem(t)
    modem:fault(fault)
    upgrade.restore_power(t, modem)
    upgrade.finish(t, modem)
  end)
end
