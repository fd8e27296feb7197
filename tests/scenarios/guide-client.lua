-- SPDX-License-Identifier: MIT
-- The upgrade example of the guide, typed by a client and served by a server that know nothing of this bench. The
-- test that runs it writes the module part: the port that the server listens on, and at which percentage the power
-- goes.
local part = require "part"

scenario("an independent client upgrades a BC26 as its guide shows", function(t)
  local modem = t:modem {
    dialect = "bc26", firmware = "BC26NBR01A05", quirks = { "cesq-seed-values", "fota-httptart-typo" },
    download_rate = "16k", update_time = "20s",
  }
  t:resolve("www.quectel.com:100", part.port)
  if part.cut then modem:fault(("bc26.fota.update@%d%%=power_cut"):format(part.cut)) end
  local host = t:host()

  if part.cut then
    modem:wait_power("off", { within = "30m" })
    modem:power_on { after = "3s" }
  end
  host:expect_output("upgraded to BC26NBR01A06", { within = "30m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "BC26NBR01A06")
  t:equal(modem:count("AT+QFOTADL="), 1)
end)
