-- SPDX-License-Identifier: MIT
-- The guide, 3.2: https is not supported yet; the module answers OK and then 13,13.
scenario("A module without https fails the query, and the host gives up after its tries", function(t)
  local modem   = t:modem { dialect = "mt5700", reboot_to_at = "1s" }
  local host    = t:host { "mt5700-updater", modem.tty, "https://127.0.0.1:4433/mt5700/", "--ssl", "0" }

  modem:wait_urc("^FOTASTATE: 13,13", { within = "5m" })
  host:expect_exit(3, { within = "15m" })
  t:check(modem:count("AT^FOTAOEMDL=") > 1)
end)
