-- SPDX-License-Identifier: MIT
-- A power loss in 40 keeps the package: the host uses it without another download.
scenario("A package that is there survives a power cut and is installed", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s" }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:fault 'mt5700.fota.state@"40"=power_cut'
  modem:wait_power("off", { within = "5m" })
  modem:power_on { after = "3s" }
  modem:wait_fota("downloaded", { within = "2m" })
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:equal(modem:count("AT^FOTAOEMDL="), 1)
  t:equal(#server:requests(), 3)
end)
