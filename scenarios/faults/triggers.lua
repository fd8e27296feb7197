-- SPDX-License-Identifier: MIT
-- When a fault strikes: the nth time, so many times, by its text, by its place in a stream, or by the lots of the seed.
local upgrade = require "upgrade"

scenario("Faults strike where their triggers say", function(t)
  local modem = upgrade.modem(t)
  modem:fault "at.cesq#1*2=delay:1s"
  modem:fault 'urc@"+QIND: \\"FOTA\\",\\"DOWNLOADING\\",4"*3=dup'
  modem:fault "line.tx@500=drop"
  modem:fault "download.body@4096=stall:2s"
  modem:fault 'urc@"DOWNLOADING"~0.2*0=delay:200ms'
  upgrade.finish(t, modem)
end)
