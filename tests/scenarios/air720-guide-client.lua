-- SPDX-License-Identifier: MIT
-- The examples of the guide, typed by a client and served by a server that know nothing of this bench. The test that
-- runs it writes the module part: the port that the server listens on.
local part = require "part"

scenario("an independent client upgrades an Air720 as its guide shows", function(t)
  local modem = t:modem { dialect = "air720", firmware = "AirM2M_720_V422_LTE_AT", flash_time = "20s" }
  local luat = t:platform("luat", { devices = { modem } })
  luat:release { version = "AirM2M_720_V9999_LTE_AT", url = "http://xxxx.bin" }
  t:resolve("xxxx.bin", part.port)
  local host = t:host()

  host:expect_output("upgraded to AirM2M_720_V9999_LTE_AT", { within = "30h" })
  host:expect_exit(0, { within = "2m" })
  t:equal(modem.firmware, "AirM2M_720_V9999_LTE_AT")
  t:equal(luat:upgraded(), 1)
end)
