-- SPDX-License-Identifier: MIT
-- Registration, bearer and names: late, refused, and the power that goes in between.
local upgrade = require "upgrade"

scenario("The host waits for the network", function(t)
  local server, modem = t:http(), upgrade.modem(t)
  modem:fault "net.register=delay:30s"
  modem:fault "net.pdp=delay:10s"
  modem:fault "net.dns=fail"
  server:publish("/update.bin", t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" })
  t:resolve("www.example.com:80", server)
  t:host { "bc26-updater", modem.tty, "http://www.example.com/update.bin" }:expect_exit(0, { within = "20m" })
  t:equal(modem:count("AT+QFOTADL="), 2, "the name was not found at first")
end)
