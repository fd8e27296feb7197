-- SPDX-License-Identifier: MIT
-- Host and module hang on one supply: the host dies with the module, and is started again with it.
local upgrade = require "upgrade"

scenario("The host begins anew after a cut of the supply that it shares", function(t)
  local modem = upgrade.modem(t, { shared_supply = true })
  local host = upgrade.host(t, modem)
  modem:fault "bc26.fota.download@40%=power_cut"
  modem:wait_power("off", { within = "10m" })
  modem:power_on { after = "3s" }
  modem:expect("ATI", { within = "1m", because = "a host that has just been started knows nothing" })
  host:expect_exit(0, { within = "20m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end)
