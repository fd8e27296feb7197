-- SPDX-License-Identifier: MIT
-- The guide, table 1: HTTPEND,12 means that the download failed.
local PAUSE_US = 5000000 -- what a server may expect between two attempts, at the least

scenario("The host tries three times, with pauses, when the server has no package", function(t)
  local server = t:http()
  local modem  = t:modem { dialect = "bc26", firmware = "BC26NBR01A05" }
  local host   = t:host { "bc26-updater", modem.tty, server.url .. "/update.bin" }

  for _ = 1, 3 do
    modem:expect("AT+QFOTADL=", { within = "5m" })
    modem:wait_urc('+QIND: "FOTA","HTTPEND",12', { within = "5m" })
  end
  host:expect_exit(3, { within = "5m", because = "its status for downloads that failed" })

  local requests = server:requests()
  t:equal(#requests, 3)
  for i = 2, #requests do
    t:equal(requests[i].status, 404)
    t:check(requests[i].t_us - requests[i - 1].t_us >= PAUSE_US, "there must be a pause before attempt " .. i)
  end
  t:equal(modem.firmware, "BC26NBR01A05")
end)
