-- SPDX-License-Identifier: MIT
-- An armed fault that never fires proves nothing.
scenario("the fault strikes", function(t)
  local modem = t:modem { dialect = "bc26" }

  modem:fault "bc26.fota.update@37%=power_cut"
  modem:wait_power("on", { within = "1m" })
end)
