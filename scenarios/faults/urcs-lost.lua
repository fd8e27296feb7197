-- SPDX-License-Identifier: MIT
local upgrade = require "upgrade"

scenario("The host does not depend on a single URC", function(t)
  local modem = upgrade.modem(t)
  modem:fault 'urc@"HTTPSTART"=lost'
  modem:fault 'urc@"HTTPEND"=dup'
  modem:fault 'boot.line@"UPDATING"*3=lost'
  upgrade.finish(t, modem)
end)
