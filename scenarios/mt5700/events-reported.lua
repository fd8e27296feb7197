-- SPDX-License-Identifier: MIT
-- The guide, chapter 5: six events are told to a server.
scenario("The host reports each step of the upgrade", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s" }
  local url     = server:publish_folder("/mt5700/", package)

  local report  = server:publish("/report", "")
  local host    = t:host { "mt5700-updater", t:tty_link(), url, "--report", report }
  local function event(name) server:expect_request(pat("^/report%?event=" .. name), { within = "10m" }) end

  modem:fault "mt5700.fota.flash@60%=fail"
  modem:fault "mt5700.fota.check=fail"
  event "download_begun"
  event "download_failed&detail=20"
  event "download_begun"
  event "download_done"
  event "upgrade_begun"
  event "upgrade_failed"
  event "download_begun"
  event "download_done"
  event "upgrade_begun"
  event "upgrade_done&detail=1%.3%.0%.0%%28SP1C02%%29"
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
