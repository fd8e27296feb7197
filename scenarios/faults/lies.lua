-- SPDX-License-Identifier: MIT
-- Modules that lie about the result. Only the version that runs is proof.
local upgrade = require "upgrade"

scenario("The host sees that END,0 was a lie", function(t)
  local modem = upgrade.modem(t)
  modem:fault "fota.result=lie"
  upgrade.host(t, modem):expect_exit(6, { within = "20m", because = "its status for a wrong version" })
end)

for _, way in ipairs { "lost", "dup", "early" } do
  scenario("The host succeeds although END is " .. way, function(t)
    local modem = upgrade.modem(t)
    modem:fault("fota.result=" .. way)
    upgrade.finish(t, modem)
  end)
end
