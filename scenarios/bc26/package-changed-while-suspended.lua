-- SPDX-License-Identifier: MIT
-- A download was cut, and meanwhile the server has another file under the same name. What flash holds of the old one
-- must not be mixed with it.
local OLD, NEW, NEWER = "BC26NBR01A05", "BC26NBR01A06", "BC26NBR01A07"

local function cut_and_replace(t, size)
  local server = t:http()
  local modem  = t:modem { dialect = "bc26", firmware = OLD, update_time = "5s", download_rate = "16k" }
  local url    = server:publish("/update.bin", t:package { dialect = "bc26", from = OLD, to = NEW })
  local host   = t:host { "bc26-updater", modem.tty, url }

  modem:fault "bc26.fota.download@50%=power_cut"
  modem:wait_power("off", { within = "10m" })
  server:publish("/update.bin", t:package { dialect = "bc26", from = OLD, to = NEWER, size = size })
  modem:power_on { after = "3s" }
  return modem, host, server
end

scenario("BC26 begins anew when the file has another length", function(t)
  local modem, host, server = cut_and_replace(t, "80k")

  host:expect_exit(0, { within = "20m" })
  t:equal(modem.firmware, NEWER)
  local requests = server:requests()
  t:check(requests[2].range, "it asks for the rest")
  t:equal(requests[#requests].status, 200, "and gets a file as a whole")
end)

scenario("BC26 finds the mixture out when the file has the same length", function(t)
  local modem, host = cut_and_replace(t, "64k")

  modem:wait_urc('+QIND: "FOTA","END",255', { within = "10m" })
  host:expect_exit(4, { within = "5m", because = "its status for a package that does not fit" })
  t:equal(modem.firmware, OLD)
end)
