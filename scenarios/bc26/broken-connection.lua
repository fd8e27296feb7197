-- SPDX-License-Identifier: MIT
-- The module goes on by itself, and asks the server for the rest only.
scenario("BC26 resumes a download whose connection broke", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", update_time = "5s", download_rate = "16k" }
  local url     = server:publish("/update.bin", package, { cut_after = 40000, cut_times = 1 })
  local host    = t:host { "bc26-updater", modem.tty, url }

  modem:wait_urc('+QIND: "FOTA","HTTPEND",0', { within = "10m" })
  local first, second = table.unpack(server:requests())
  t:equal(first.range, nil, "the first request is for the whole file")
  t:check((second.range or ""):find("^bytes=[1-9]%d*%-$"), "the second request is for the rest of the file")

  modem:wait_urc('+QIND: "FOTA","END",0', { within = "10m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
  t:equal(modem:count("AT+QFOTADL="), 1, "the module's own business needs no help of the host")
end)
