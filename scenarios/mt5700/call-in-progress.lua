-- SPDX-License-Identifier: MIT
-- A voice call on the other AT port blocks the upgrade until it is ended.
scenario("The host ends a voice call before the upgrade", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", reboot_to_at = "1s",
  }
  local url     = server:publish_folder("/mt5700/", package)

  modem:wait_urc("^SRVST: 2", { within = "1m" })
  local other   = t:host { "at-chat", modem:tty_of("serial_c"), "ATD10086;", fixed = true }
  other:expect_exit(0, { within = "1m" })
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:expect("AT+CHUP", { within = "5m" })
  modem:expect("AT^FWUP", { within = "1m" })
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
