-- SPDX-License-Identifier: MIT
-- The guide, 4.1.1: ^FWUP may be left out where update_mode is 1. The host finds the new firmware behind a reboot that
-- it did not ask for.
scenario("A package that upgrades by itself needs no command", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", auto_upgrade_delay = "0s",
  }
  local url     = server:publish_folder("/mt5700/", package, { update_mode = "1" })
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:on("AT^FWUP", function() return false end)
  modem:wait_urc("^FOTASTATE: 50", { within = "5m" })
  modem:wait_power("flashing", { within = "1m" })
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
