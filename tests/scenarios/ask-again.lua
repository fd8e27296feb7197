-- SPDX-License-Identifier: MIT
-- After a power cut in the download nothing is pending: the host has to ask again.
local quick_bc26 = require "quick_bc26"

scenario("the host asks again", function(t)
  local modem = quick_bc26(t)
  local host  = t:host()

  modem:fault "bc26.fota.download@50%=power_cut"
  modem:expect("AT+QFOTADL=", { within = "2m" })
  modem:wait_power("off", { within = "1m" })
  modem:power_on { after = "1s" }
  modem:expect("AT+QFOTADL=", { within = "2m", because = "the module has forgotten the upgrade" })
  host:expect_exit(0, { within = "5m" })
end)
