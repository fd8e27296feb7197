-- SPDX-License-Identifier: MIT
-- Power lost in 11 leaves nothing behind: the module is idle, and the host asks again.
scenario("The host asks again after a power cut in the version query", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s" }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:fault 'mt5700.fota.query@"changelog.xml"=power_cut'
  modem:wait_power("off", { within = "5m" })
  modem:power_on { after = "3s" }
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
