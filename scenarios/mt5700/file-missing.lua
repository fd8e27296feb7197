-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: 13,51 is a file that can not be had from the server.
scenario("The host tries again after a file was missing on the server", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s" }
  local url     = server:publish_folder("/mt5700/", package)
  server:publish("/mt5700/full/filelist.xml", "", { status = 404 })
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:wait_urc("^FOTASTATE: 13,51", { within = "5m" })
  modem:wait_fota("idle", { within = "1m" })
  server:publish_folder("/mt5700/", package)
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
