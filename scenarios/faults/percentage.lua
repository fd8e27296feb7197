-- SPDX-License-Identifier: MIT
-- Faults wait for a percentage or for a state of the upgrade: power is lost at both, and the installation begins anew.
local upgrade = require "upgrade"

scenario("The upgrade is finished after cuts at a percentage and at a state", function(t)
  local modem = upgrade.modem(t)
  modem:fault "bc26.fota.download@50%=power_cut"
  modem:fault "bc26.fota.update@37%=power_cut"
  modem:fault 'fota.state@"downloaded"=reset'
  upgrade.restore_power(t, modem, 2)
  upgrade.finish(t, modem)
end)
