-- SPDX-License-Identifier: MIT
-- Power lost while the firmware is written: the boot loader goes on at the next start, and no tty is there meanwhile.
scenario("An upgrade that a power cut broke is finished at the next start", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s" }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:fault "mt5700.fota.flash@40%=power_cut:torn"
  modem:wait_power("flashing", { within = "5m" })
  modem:wait_power("off", { within = "2m" })
  modem:power_on { after = "3s" }
  modem:wait_power("flashing", { within = "1m" })
  t:equal(modem.tty, nil)
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:equal(modem:count("AT^FWUP"), 1)
end)
