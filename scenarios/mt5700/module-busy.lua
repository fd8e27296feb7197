-- SPDX-License-Identifier: MIT
-- Somebody else has begun a download on the other AT port: the host waits for it instead of disturbing it, and uses it.
scenario("A host that finds a download under way waits for it", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", download_rate = "2k", reboot_to_at = "1s",
  }
  local url     = server:publish_folder("/mt5700/", package)

  modem:wait_urc("^SRVST: 2", { within = "1m" })
  t:let_pass("3s")
  local other   = t:host { "at-chat", modem:tty_of("serial_c"), 'AT^FOTAOEMDL="' .. url .. '"', fixed = true }
  other:expect_exit(0, { within = "1m" })
  modem:wait_urc("^FOTASTATE: 30", { within = "1m" })
  local host    = t:host { "mt5700-updater", t:tty_link(), url }
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:equal(modem:count("AT^FOTAOEMDL="), 1, "only the other one's")
end)
