-- SPDX-License-Identifier: MIT
-- A module that starts again and again before it is up, and one that restarts where nobody asked it to.
local upgrade = require "upgrade"

scenario("The host outlives a module that reboots in a loop", function(t)
  local modem = upgrade.modem(t)
  modem:fault 'boot.step@"ready"#2*5=reset'
  modem:fault "reboot#2=delay:5s"
  upgrade.finish(t, modem)
  t:check(modem.boots >= 8, "it started at least eight times")
end)
