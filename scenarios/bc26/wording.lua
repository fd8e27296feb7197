-- SPDX-License-Identifier: MIT
-- The lines of the upgrade differ between documents and firmware versions. Each quirk is one documented difference.
local quirks = {
  "fota-httptart-typo", "fota-2018-spacing", "fota-updating-no-counts", "fota-percent-plain", "fota-boot-eol-lfcr",
  "fota-boot-no-lead-crlf", "fota-no-banner", "fota-step-chunk", "fota-end-no-reboot-lines",
}

for _, quirk in ipairs(quirks) do
  scenario("The host understands a BC26 with " .. quirk, function(t)
    local server  = t:http()
    local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
    local modem   = t:modem {
      dialect = "bc26", quirks = { quirk }, firmware = "BC26NBR01A05", update_time = "5s", download_rate = "16k",
    }
    local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

    modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
    host:expect_exit(0, { within = "5m" })
    t:equal(modem.firmware, "BC26NBR01A06")
    t:equal(modem:count("AT+QFOTADL="), 1)
  end)
end
