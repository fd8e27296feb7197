-- SPDX-License-Identifier: MIT
-- A unit may stay in download mode after a power cut until it is power-cycled once more: no tty, no sign of life.
scenario("A unit that is stuck in download mode is found again after a second power cycle", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", flash_cut = "stuck",
  }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:fault "mt5700.fota.flash@40%=power_cut:torn"
  modem:wait_power("flashing", { within = "5m" })
  modem:wait_power("off", { within = "2m" })
  modem:power_on { after = "3s" }
  modem:wait_power("flashing", { within = "1m" })
  t:let_pass("1m")
  t:equal(modem.power, "flashing")
  modem:power_cut()
  modem:power_on { after = "3s" }
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
