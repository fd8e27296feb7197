-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: 14 is a server without a newer version; no upgrade, and no further tries.
scenario("The host stops when the server has nothing newer", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.2.5.0(SP1C02)" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)" }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", modem.tty, url }

  modem:wait_urc("^FOTASTATE: 14", { within = "5m" })
  host:expect_exit(4, { within = "2m" })
  t:equal(modem:count("AT^FOTAOEMDL="), 1)
  modem:wait_fota("idle", { within = "1m" })
end)
