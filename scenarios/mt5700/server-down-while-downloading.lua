-- SPDX-License-Identifier: MIT
-- The server goes away in the middle: the module suspends, and the host resumes as long as it takes.
scenario("A download goes on after the server was away", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", breakpoint_pages = 4,
  }
  local url     = server:publish_folder("/mt5700/", package)
  server:publish("/mt5700/full/ota.swu", package, { cut_after = 90000, cut_times = 1 })
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:wait_urc("^FOTASTATE: 31", { within = "5m" })
  server:down()
  t:let_pass("30s")
  server:up()
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:check(modem:count("AT^FOTAOEMDL=") >= 2)
end)
