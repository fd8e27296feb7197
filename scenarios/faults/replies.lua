-- SPDX-License-Identifier: MIT
-- A reply strikes: the command was carried out, but its reply is refused in words, doubled, late or lost.
local upgrade = require "upgrade"

scenario("The host survives replies that do not say what was done", function(t)
  local modem = upgrade.modem(t)
  modem:fault "reply.cmee=fail:3"
  modem:fault "reply.cesq=dup"
  modem:fault "reply.cereg=delay:2s"
  modem:fault "reply.cgatt=silence"
  upgrade.finish(t, modem)
end)
