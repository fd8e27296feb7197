-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: calls and dial-up are ended before ^FWUP; the automatic session comes back afterwards.
scenario("The host ends a session before the upgrade and restores it afterwards", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", autodial = "on" }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:wait_urc("^NDISSTAT: 8,1", { within = "2m" })
  modem:expect("AT^SETAUTODIAL=0", { within = "5m" })
  modem:expect("AT^FWUP", { within = "1m" })
  modem:expect("AT^SETAUTODIAL=1", { within = "10m" })
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:equal(modem:count("AT^FWUP"), 1)
end)
