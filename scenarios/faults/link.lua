-- SPDX-License-Identifier: MIT
-- The download itself, whatever server it comes from: slow, stalled, broken, an error of the server.
local upgrade = require "upgrade"

scenario("The host gets the package over a bad link", function(t)
  local modem = upgrade.modem(t)
  modem:fault "download.head=fail:503"
  modem:fault "download.body@20%=slow:4k"
  modem:fault "download.body@40%=stall:10s"
  modem:fault "download.body@60%=reset_link"
  upgrade.finish(t, modem)
end)
