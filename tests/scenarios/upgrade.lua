-- SPDX-License-Identifier: MIT
-- The host brings the module to the new version.
local quick_bc26 = require "quick_bc26"

scenario("the host upgrades", function(t)
  local modem = quick_bc26(t)
  local host  = t:host()

  modem:expect("AT+QFOTADL=", { within = "2m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end)
