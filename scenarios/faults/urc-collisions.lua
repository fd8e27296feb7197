-- SPDX-License-Identifier: MIT
-- The four ways in which a URC meets a reply: before it, inside it, behind it in one read, and cut in two.
local upgrade = require "upgrade"

scenario("The host keeps URCs and replies apart", function(t)
  local modem = upgrade.modem(t)
  modem:fault 'urc@"+CPIN"=collide:before'
  modem:fault 'urc@"+IP"=collide:inside'
  modem:fault 'urc@"HTTPSTART"=collide:split'
  modem:fault 'urc@"HTTPEND"=collide:behind'
  upgrade.finish(t, modem)
end)
