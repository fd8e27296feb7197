-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: 20 is a download that failed. Size and MD5 of the list do not fit a damaged package: nothing of
-- it is installed, and the host tries again.
scenario("A damaged package is never installed, and the good one is tried again", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s" }
  local url     = server:publish_folder("/mt5700/", package)
  server:publish("/mt5700/full/ota.swu", package:damaged())
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:wait_urc("^FOTASTATE: 20", { within = "5m" })
  t:equal(modem.firmware, "1.2.5.0(SP1C02)")
  t:equal(modem:count("AT^FWUP"), 0)
  server:publish_folder("/mt5700/", package)
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
