-- SPDX-License-Identifier: MIT
-- Nothing is pending after a power loss in the download: the host has to ask again. What flash holds is not fetched
-- a second time.
scenario("The host asks again after a power cut in the download, and BC26 resumes it", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s", download_rate = "16k" }
  local host    = t:host { "bc26-updater", modem.tty, server:publish("/update.bin", package) }

  modem:fault "bc26.fota.download@50%=power_cut"
  modem:expect("AT+QFOTADL=", { within = "2m" })
  modem:wait_power("off", { within = "5m" })
  modem:power_on { after = "3s" }
  modem:expect("AT+QFOTADL=", { within = "10m", because = "the module has forgotten the upgrade" })
  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
  host:expect_exit(0, { within = "2m" })

  local requests = server:requests()
  t:equal(#requests, 2)
  t:check((requests[2].range or ""):find("^bytes=[1-9]%d*%-$"), "the second request is for the rest of the file")
  t:equal(modem.firmware, "BC26NBR01A06")
end)
