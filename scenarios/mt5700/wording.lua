-- SPDX-License-Identifier: MIT
-- What the module prints differs between the guide's own examples, real units and their ancestors. Each quirk is one
-- such difference.
local quirks = {
  "fota-silent-idle", "fota-sticky-error", "fota12-spaced", "fota12-quoted", "fota12-v200", "fotadlq-total-first",
  "urc-before-ok", "version-space", "cereg-short", "ndisstat-nocid", "unknown-cmd-text", "spurious-error",
  "fotastate-query-extras", "huawei-80-90", "fwup-deferred", "resume-needs-query", "demo-spaces", "usb5", "boot-urcs",
}

for _, quirk in ipairs(quirks) do
  scenario("The host upgrades an MT5700M with " .. quirk, function(t)
    local server  = t:http()
    local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
    local modem   = t:modem {
      dialect = "mt5700", quirks = { quirk }, firmware = "1.2.5.0(SP1C02)", flash_time = "10s", reboot_to_at = "2s",
    }
    local host    = t:host { "mt5700-updater", t:tty_link(), server:publish_folder("/mt5700/", package) }

    host:expect_exit(0, { within = "10m" })
    t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  end)
end
