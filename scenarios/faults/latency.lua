-- SPDX-License-Identifier: MIT
-- A modem that thinks: constant, drawn from a range by the run's seed, or longer each time.
local upgrade = require "upgrade"

scenario("The host waits for slow answers", function(t)
  local modem = upgrade.modem(t)
  modem:fault "at.i=delay:2s"
  modem:fault "at.cereg*0=delay:500ms..2s"
  modem:fault "reply.cesq*0=delay:1s+500ms"
  upgrade.finish(t, modem)
end)
