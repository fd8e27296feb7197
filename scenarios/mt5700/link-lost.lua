-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: without network the download is suspended (31), and resumed when there is one.
scenario("A download is suspended without network and resumed with it", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", download_rate = "20k",
  }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:wait_urc("^FOTASTATE: 30", { within = "5m" })
  modem:network "none"
  modem:wait_urc("^FOTASTATE: 31", { within = "1m" })
  t:let_pass("20s")
  modem:network "home"
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:equal(modem:count("AT^FOTAOEMDL="), 2)
end)
