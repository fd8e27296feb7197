-- SPDX-License-Identifier: MIT
-- Seed 000, 3.4: the user's own server. The module GETs the package, restarts, writes it, and tells its new version.
scenario("Air720 upgrades itself from a URL of the host's own", function(t)
  local server  = t:http()
  local package = t:package { dialect = "air720", from = "AirM2M_720_V422_LTE_AT", to = "AirM2M_720_V9999_LTE_AT" }
  local modem   = t:modem { dialect = "air720", flash_time = "10s" }
  local luat    = t:platform("luat", { devices = { modem } })
  local url     = server:publish("/update.bin", package)
  local host    = t:host { "air720-updater", modem.tty, modem:tty_of("uart2"), url }

  modem:expect('AT+UPGRADE="AUTO",0', { within = "2m", because = "two upgrades must not run at once" })
  modem:expect(('AT+UPGRADE="URL","%s"'):format(url), { within = "2m" })
  modem:expect("AT+UPGRADE", { within = "1m" })
  for percent = 0, 100, 10 do
    modem:wait_urc("+UPGRADEIND: " .. percent, { within = "1m" })
  end
  for percent = 10, 100, 10 do
    modem:wait_urc("+UPGRADEDL: " .. percent, { within = "1m", line = "uart2" })
  end
  modem:wait_urc('+UPGRADEVER: "AirM2M_720_V9999_LTE_AT_NAND"', { within = "1m" })
  modem:wait_urc("+UPGRADEVER: 1", { within = "1m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "AirM2M_720_V9999_LTE_AT")
  t:equal(#server:requests(), 1)
  t:equal(luat:upgraded(), 1)
end)
