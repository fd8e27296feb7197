-- SPDX-License-Identifier: MIT
-- The guide, 4.1.1: its commands, typed by a client that knows nothing of the module, in the guide's order. The size is
-- the guide's own. tests/golden/mt5700-seed-*.txt compare every byte.
scenario("The example of the vendor's guide, typed by an independent client", function(t)
  local server  = t:http()
  local package = t:package { dialect = "mt5700", to = "V100R001C00B002", size = 6129664 }
  local modem   = t:modem { dialect = "mt5700", firmware = "V100R001C00B001", reboot_to_at = "1s", flash_time = "5s" }
  local url     = server:publish_folder("/mt5700/", package)

  t:resolve("192.168.0.100:9080", server)
  t:check(url)
  modem:wait_urc("^SRVST: 2", { within = "1m" })
  t:let_pass("3s")
  local host    = t:host {
    "at-chat", "--until", "^FOTASTATE: 40", modem.tty, "ATE0", "AT+COPS?", "At+cereg?", "AT^FOTAMODE=0,1,0,1",
    "AT^FOTASTATE?", 'AT^FOTAOEMDL=" http://192.168.0.100:9080/mt5700/"', "AT^FOTADLQ", fixed = true,
  }
  host:expect_output('+COPS: 0,0,"CHN-UNICOM",7', { within = "1m" })
  host:expect_output('+CEREG: 2,1,"102F","002D811F",7', { within = "1m" })
  host:expect_output("^FOTASTATE: 10", { within = "1m" })
  host:expect_output("^FOTASTATE: 40", { within = "2m" })
  host:expect_exit(0, { within = "1m" })
  local second  = t:host { "at-chat", "--until", "^FOTASTATE: 50", modem.tty, "AT^FWUP", fixed = true }
  second:expect_output("^FOTASTATE: 50", { within = "1m" })
  modem:wait_power("flashing", { within = "1m" })
  modem:wait_power("on", { within = "2m" })
  t:equal(modem.firmware, "V100R001C00B002")
end)
