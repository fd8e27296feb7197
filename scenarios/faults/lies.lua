-- SPDX-License-Identifier: MIT
-- Modules that lie about the result. Only the version that runs is proof.
local function upgrade(t, fault)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05",
    update_time = "5s", download_rate = "16k" }
  modem:fault(fault)
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  return t:host { "bc26-updater", modem.tty, t:http():publish("/update.bin", package) }
end

scenario("The host sees that END,0 was a lie", function(t)
  upgrade(t, "fota.result=lie"):expect_exit(6, { within = "20m", because = "its status for a wrong version" })
end)

for _, way in ipairs { "lost", "dup", "early" } do
  scenario("The host succeeds although END is " .. way, function(t)
    upgrade(t, "fota.result=" .. way):expect_exit(0, { within = "20m" })
  end)
end
