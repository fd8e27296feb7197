-- SPDX-License-Identifier: MIT
-- The guide, 4.1.1: the whole way from a version query to the new firmware. The module hangs on USB: its tty vanishes
-- for the upgrade, and the host finds it again by the link.
scenario("MT5700M upgrades from a server, and the host finds its tty again", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "2M" }
  local modem   = t:modem {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "30s", usb_number = "other",
  }
  local url     = server:publish_folder("/mt5700/", package)
  local before  = modem.tty
  local host    = t:host { "mt5700-updater", t:tty_link(), url, "--target", "1.3.0.0(SP1C02)" }

  modem:expect("AT^FOTAOEMDL=", { within = "3m" })
  modem:wait_urc('^FOTASTATE: 12,1.3.0.0(SP1C02),2097152,1.product_name="MT5700M-CN"', { within = "1m" })
  modem:wait_urc("^FOTASTATE: 30", { within = "1m" })
  modem:wait_urc("^FOTASTATE: 40", { within = "2m" })
  modem:expect("AT^FWUP", { within = "2m" })
  modem:wait_urc("^FOTASTATE: 50", { within = "1m" })
  modem:wait_power("flashing", { within = "1m" })
  t:equal(modem.tty, nil, "no tty while the firmware is written")
  modem:wait_power("on", { within = "3m" })
  t:check(modem.tty ~= before, "the tty has another number")
  host:expect_exit(0, { within = "3m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:equal(modem:count("AT^FWUP"), 1)
  local paths = {}
  for i, request in ipairs(server:requests()) do paths[i] = request.path end
  t:equal(paths, { "/mt5700/full/filelist.xml", "/mt5700/full/changelog.xml", "/mt5700/full/ota.swu" })
end)
