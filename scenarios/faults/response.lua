-- SPDX-License-Identifier: MIT
-- The server does not let in, answers with an error, or promises more bytes than it has.
local upgrade = require "upgrade"

scenario("The host tries again after each bad answer of the server", function(t)
  local modem = upgrade.modem(t)
  modem:fault "download.connect=fail"
  modem:fault "download.head#2=length:+1000"
  modem:fault "download.head=fail:503"
  upgrade.finish(t, modem)
end)

scenario("The host gives up when the package is not there", function(t)
  local modem = upgrade.modem(t)
  modem:fault "download.head*0=fail:404"
  upgrade.host(t, modem):expect_exit(3, { within = "20m", because = "its status for a download that fails" })
end)
