-- SPDX-License-Identifier: MIT
-- A finished download is no upgrade: the bootloader refuses this package.
local quick_bc26 = require "quick_bc26"

scenario("the host reports a package that does not fit", function(t)
  local modem = quick_bc26(t, { from = "BC26NBR01A04" })
  local host  = t:host()

  modem:wait_urc('+QIND: "FOTA","HTTPEND",0', { within = "2m" })
  host:expect_exit(4, { within = "5m", because = "its status for a package that does not fit" })
end)
