-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: the user is told before the upgrade, and may refuse.
scenario("A user who refuses keeps the old firmware, and the package is dropped", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s" }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url, "--consent", "no" }

  host:expect_output("A new firmware is ready", { within = "5m" })
  host:expect_exit(8, { within = "2m" })
  t:equal(modem.firmware, "1.2.5.0(SP1C02)")
  t:equal(modem.fota, "idle")
  t:equal(modem:count("AT^FWUP"), 0)
end)
