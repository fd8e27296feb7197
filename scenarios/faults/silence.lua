-- SPDX-License-Identifier: MIT
-- Swallowed, done without an answer, refused once.
local upgrade = require "upgrade"

scenario("The host asks again when a command stays without an answer", function(t)
  local modem = upgrade.modem(t)
  modem:fault "at.cereg=silence"
  modem:fault "reply.cgatt=silence"
  modem:fault "at.cesq#2=fail:4"
  upgrade.finish(t, modem)
end)
