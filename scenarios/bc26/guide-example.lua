-- SPDX-License-Identifier: MIT
-- The example of the module's guide (4.1), line for line: "n%" counts up to 100, and the name is that of the guide.
local QUERY = "AT+CESQ;+CEREG?;+CGATT;+CPIN?;+COPS?"
local URL   = "http://www.quectel.com:100/update.bin"

local BEFORE = [[
  < +CESQ: 47,6,255,255,0,54
  < +CEREG: 0,1
  < +CGATT: 1
  < +CPIN: READY
  < +COPS: 0,2,"46011",9
  < OK
]]

local BOOT_ROM = [[
  < F1: 0000 0000
  < V0: 0000 0000 [0001]
  < 00: 0006 000C
  < 01: 0000 0000
  < U0: 0000 0001 [0000]
  < T0: 0000 00B4
  < Leaving the BROM
]]

local AFTER = [[
  < RDY
  < +CFUN: 1
  < +QIND: "FOTA","END",0
]]

local function percentages(format)
  local lines = {}
  for percent = 1, 100 do lines[percent] = format:format(percent) end
  return table.concat(lines, "\n") .. "\n"
end

scenario("BC26 upgrades as in the example of its guide", function(t)
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" }
  local modem   = t:modem {
    dialect = "bc26", firmware = "BC26NBR01A05", update_time = "20s", download_rate = "16k",
    quirks = { "cesq-seed-values", "fota-httptart-typo", "baud-fixed-default" },
  }

  server:publish("/update.bin", package)
  t:resolve("www.quectel.com:100", server)
  modem:wait_urc("+IP:", { within = "1m", because = "the example begins with a module that is registered" })
  local host = t:host {
    "at-chat", "--until", '+QIND: "FOTA","END"', modem.tty, QUERY, ('AT+QFOTADL="%s"'):format(URL), fixed = true,
  }
  modem:script(table.concat {
    "> ", QUERY, "\n", BEFORE,
    ('> AT+QFOTADL="%s"\n'):format(URL), "< OK\n",
    '< +QIND: "FOTA","HTTPTART"\n', percentages '< +QIND: "FOTA","DOWNLOADING",%d%%',
    '< +QIND: "FOTA","HTTPEND",0\n', '< +QIND: "FOTA","START"\n',
    BOOT_ROM, percentages '< +QIND: "FOTA","UPDATING",%d%%,1,1', BOOT_ROM, AFTER,
  }, { within = "2m" })
  host:expect_exit(0, { within = "1m" })
  t:equal(modem.firmware, "BC26NBR01A06")
end)
