-- SPDX-License-Identifier: MIT
-- While the module upgrades, the host says nothing.
local quick_bc26 = require "quick_bc26"

scenario("the host is quiet", function(t)
  local modem = quick_bc26(t, { rate = "1k" })

  t:host()
  modem:expect("AT+QFOTADL=", { within = "2m" })
  modem:never(pat "^AT", { for_ = "5s", because = "the module upgrades" })
end)
