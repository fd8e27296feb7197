-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: data traffic blocks the upgrade, and the host has to trigger it again when the traffic ends.
scenario("A refused upgrade is triggered again when the data traffic ends", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", data_traffic = "40s",
  }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:expect("AT^FWUP", { within = "5m" })
  modem:wait_urc("^DSFLOWRPT:", { within = "5m" })
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:check(modem:count("AT^FWUP") >= 2, "it was refused first")
end)
