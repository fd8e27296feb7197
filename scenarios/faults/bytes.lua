-- SPDX-License-Identifier: MIT
-- Single bytes go wrong, and a line that delivers three bytes at a time.
local upgrade = require "upgrade"

scenario("The host reads what comes in pieces, and asks again when it is spoilt", function(t)
  local modem = upgrade.modem(t)
  modem:fault "line.tx=slice:3"
  modem:fault 'line.tx@"+CEREG:"=flip:5'
  modem:fault 'line.rx@"+CGATT?"=garble:2'
  upgrade.finish(t, modem)
end)
