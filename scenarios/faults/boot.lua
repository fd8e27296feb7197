-- SPDX-License-Identifier: MIT
-- The way from power to ready: a step that takes long, one that fails once, and a line of the boot ROM that is lost.
local upgrade = require "upgrade"

scenario("The host waits for a module that has trouble to start", function(t)
  local modem = upgrade.modem(t)
  modem:fault 'boot.step@"ready"=delay:20s'
  modem:fault 'boot.step@"ready"#2=reset'
  modem:fault 'boot.line@"UPDATING"#3=lost'
  modem:fault 'boot.line@"UPDATING"#5=dup'
  upgrade.finish(t, modem)
  t:check(modem.boots >= 4, "the start that was cut off came again")
end)
