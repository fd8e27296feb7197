-- SPDX-License-Identifier: MIT
-- The supply dips: noise on the line, what was being written is torn, and the module starts again by itself.
local upgrade = require "upgrade"

scenario("The host outlives brown-outs", function(t)
  local modem = upgrade.modem(t)
  modem:fault "at.qfotadl=brown_out:300ms"
  modem:fault 'flash.program@"package"/mid#5=brown_out:2s'
  modem:fault "bc26.fota.update@60%=brown_out:5s"
  upgrade.finish(t, modem)
end)
