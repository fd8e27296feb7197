-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: before a resume the version is asked for; another one cancels the old download. A mixture of
-- both is never installed.
scenario("Another package on the server starts the suspended download from zero", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", download_rate = "20k",
  }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  local newer = t:package { dialect = "mt5700", to = "1.4.0.0(SP1C01)", size = "100k" }

  modem:wait_urc("^FOTASTATE: 30", { within = "5m" })
  modem:network "none"
  modem:wait_urc("^FOTASTATE: 31", { within = "1m" })
  server:publish_folder("/mt5700/", newer)
  modem:network "home"
  modem:wait_urc("^FOTASTATE: 12,1.4.0.0(SP1C01)", { within = "5m" })
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.4.0.0(SP1C01)")
  t:equal(server:requests()[#server:requests()].range, nil, "the package from its start")
end)
