-- SPDX-License-Identifier: MIT
-- The module restarts where nobody has asked for it: the host finds out that nothing is pending and asks again, or
-- that the bootloader goes on by itself.
local PLACES = {
  { "as the download begins",       "download.connect=reset" },
  { "in the download",              "bc26.fota.download@70%=reset" },
  { "behind the download",          "bc26.fota.httpend=reset" },
  { "while it installs",            "bc26.fota.update@60%=reset" },
  { "before it tells the result",   "bc26.fota.end=reset" },
}

for _, place in ipairs(PLACES) do
  scenario("The host upgrades although BC26 restarts " .. place[1], function(t)
    local server  = t:http()
    local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
    local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s", download_rate = "16k" }
    local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

    modem:fault(place[2])
    host:expect_exit(0, { within = "30m" })
    t:equal(modem.firmware, "BC26NBR01A06")
  end)
end
