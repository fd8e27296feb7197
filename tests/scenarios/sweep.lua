-- SPDX-License-Identifier: MIT
-- What sweeps are tested with. The bodies listen to the module rather than to the host, so that hosts with a seeded
-- bug pass them as long as nothing goes wrong.
local quick_bc26 = require "quick_bc26"

scenario("BC26 upgrades", function(t)
  local modem = quick_bc26(t)
  local host  = t:host()

  modem:wait_urc('+QIND: "FOTA","END",0', { within = "5m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end)

-- Its tty vanishes at each restart; this body ends before the first one.
scenario("BC26 on USB downloads", function(t)
  local modem = quick_bc26(t, { attachment = "usb" })
  t:host()

  modem:wait_urc('+QIND: "FOTA","HTTPEND",0', { within = "5m" })
end)

-- A host that was told nothing but the way: its own checks take the place of the usual ones.
scenario("BC26 is judged by the scenario's own checks", {
  sweep = {
    safe = function(t) t:note("asked whether it is safe") end,
    live = function(t) t:check(false, "live: the scenario says no") end,
  },
}, function(t)
  local modem = quick_bc26(t)
  t:host()

  modem:expect("AT+QFOTADL=", { within = "5m" })
end)

-- A module that carries the software of the host behind it.
scenario("M531x carries an upgrade", function(t)
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 5000 }
  local task    = t:platform("onenet", { retry = "10s" }):task { package = package }
  t:modem { dialect = "m531x", link_latency = "50ms" }
  t:host()

  task:expect("succeeded", { within = "10m" })
end)
