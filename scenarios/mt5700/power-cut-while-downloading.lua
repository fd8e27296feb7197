-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: a power loss in 30 leads to 31, and the version is asked for again before the download goes on.
scenario("A download that a power cut broke goes on where it was", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", breakpoint_pages = 4,
  }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  modem:fault "download.body@60%=power_cut"
  modem:wait_power("off", { within = "5m" })
  modem:power_on { after = "3s" }
  modem:wait_fota("suspended", { within = "2m" })
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  local last = server:requests()[#server:requests()]
  t:equal(last.path, "/mt5700/full/ota.swu")
  t:equal(last.status, 206)
  t:check(last.range ~= nil, "the rest of the package only")
  t:equal(modem:count("AT^FOTAOEMDL="), 2, "the second asks for the version before it resumes")
end)
