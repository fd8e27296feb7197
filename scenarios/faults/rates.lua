-- SPDX-License-Identifier: MIT
-- The echo doubled, the autobaud's rate forgotten in the middle of the talk, and a UART at another rate, whose garbage
-- ends with the next start.
local upgrade = require "upgrade"

scenario("The host synchronises again", function(t)
  local modem = upgrade.modem(t, { quirks = {} })
  modem:fault "at.e=double_echo"
  modem:fault "at.cesq=lose_rate"
  modem:fault "at.cgatt=wrong_rate:9600"
  local host = upgrade.host(t, modem)
  modem:expect("AT+CGATT?", { within = "10m" })
  t:let_pass("30s")
  modem:reset()
  host:expect_exit(0, { within = "20m" })
end)
