-- SPDX-License-Identifier: MIT
-- The guide, 3.1, last remark: in autobaud the result is not told; the host has to read the version by itself.
scenario("The host reads the version when autobaud hides the result", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s", download_rate = "16k" }
  local host    = t:host { "bc26-updater", "--keep-autobaud", modem.tty, server:publish("/update.bin", package) }

  modem:wait_urc('+QIND: "FOTA","UPDATING",100%', { within = "10m" })
  modem:expect("ATI", { within = "10m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem:saw "AT+IPR=115200", nil, "this host keeps autobaud")
  t:check(not modem:transcript():find('"FOTA","END"', 1, true), "the module must not have told its result")
  t:equal(modem.firmware, "BC26NBR01A06")
end)
