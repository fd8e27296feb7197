-- SPDX-License-Identifier: MIT
-- The module restarts by itself in the middle of a download: its tty vanishes and comes back under another number.
scenario("A restart in the download is survived, and the download goes on", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", breakpoint_pages = 4, usb_number = "other",
  }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  local before  = modem.tty

  modem:fault "download.body@70%=reset"
  modem:wait_fota("downloading", { within = "5m" })
  modem:wait_fota("suspended", { within = "5m" })
  modem:wait_power("on", { within = "2m" })
  t:check(modem.tty ~= before, "another tty")
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
