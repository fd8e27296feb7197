-- SPDX-License-Identifier: MIT
-- The bytes of the package: one is changed on the way, or the end is missing. The module has to notice.
local upgrade = require "upgrade"

for _, fault in ipairs { "download.body@50%=flip:0", "download.body@25%=garble:100" } do
  scenario("No damaged package is installed: " .. fault, function(t)
    local modem = upgrade.modem(t)
    modem:fault(fault)
    upgrade.host(t, modem):expect_exit(4, { within = "20m", because = "its status for a package that does not fit" })
    t:equal(modem.firmware, "BC26NBR01A05")
  end)
end

scenario("A package whose end is missing is fetched again", function(t)
  local modem = upgrade.modem(t)
  modem:fault "download.body@80%=truncate"
  upgrade.finish(t, modem)
end)
