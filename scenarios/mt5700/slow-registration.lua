-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: the network is checked before the upgrade starts.
scenario("Nothing is asked before the module is registered", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", registration = "90s",
  }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:expect("AT+COPS?", { within = "3m" })
  modem:never("AT^FOTAOEMDL=", { for_ = "30s" })
  modem:wait_urc("^SRVST: 2", { within = "3m" })
  modem:expect("AT^FOTAOEMDL=", { within = "3m" })
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
