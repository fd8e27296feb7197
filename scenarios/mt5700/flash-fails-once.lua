-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: a failed upgrade is tried again; success is the changed version and nothing else.
scenario("An upgrade that changed nothing is tried again", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s" }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:fault "mt5700.fota.flash@60%=fail"
  modem:wait_power("flashing", { within = "5m" })
  modem:wait_power("on", { within = "5m" })
  t:equal(modem.firmware, "1.2.5.0(SP1C02)")
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:equal(modem:count("AT^FWUP"), 2)
end)
