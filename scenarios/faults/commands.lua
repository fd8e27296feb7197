-- SPDX-License-Identifier: MIT
-- A command strikes: before its handler runs it is refused, late, swallowed, or the last that the module hears.
local upgrade = require "upgrade"

scenario("The host survives commands that go wrong", function(t)
  local modem = upgrade.modem(t)
  modem:fault "at.cmee=fail"
  modem:fault "at.i=fail:50"
  modem:fault "at.cereg=delay:2s"
  modem:fault "at.qfotadl=reset"
  upgrade.finish(t, modem)
  t:check(modem:count("AT+QFOTADL=") >= 2, "the reset made the host ask again")
end)
