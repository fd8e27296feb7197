-- SPDX-License-Identifier: MIT
-- The examples of the guide, typed by a client and served by a server that know nothing of this bench. The test that
-- runs it writes the module part: the name of the example, where the client believes the server to be, and its port.
local part = require "part"

-- What reproduces the print of each part; the goldens of the guide say it in detail.
local SET_UPS = {
  ["table"] = {
    quirks = { "fotadlq-table-form", "size-mismatch" }, firmware = "V100R001C00B001", announced_size = 6129664,
    download_rate = "400M", download_chunk = "32k", breakpoint_pages = 1024,
  },
  demo = {
    quirks = { "demo-spaces", "fota12-spaced", "urc-before-ok", "size-mismatch" }, firmware = "1.0.5.0(SP1C01)",
    rat = "nr", operator_name = "China Mobile HK", download_rate = "64M", download_chunk = "32k", signal_noise = "on",
    csq_noise_min = "20s", csq_noise_max = "20s", stall_to_suspend = "5m",
  },
  manual = { download_rate = "64k", breakpoint_pages = 1 },
  https  = { quirks = { "https-works" } },
}

local FAULTS = {
  ["table"] = { "download.body@34519551=stall:25s" },
  demo      = { "download.body@5194231=stall:65s" },
  manual    = { "download.body@30%=reset_link", "download.body@60%=reset_link" },
}

scenario("an independent client upgrades an MT5700M as its guide shows: " .. part.name, function(t)
  local options = {
    dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "20s", usb_number = "other", signal_noise = "off",
  }
  for name, value in pairs(SET_UPS[part.name] or {}) do options[name] = value end
  local modem = t:modem(options)
  t:resolve(part.at, part.port)
  for _, fault in ipairs(FAULTS[part.name] or {}) do modem:fault(fault) end
  local host = t:host()

  host:expect_exit(0, { within = "1h" })
  t:equal(modem.firmware, part.version)
end)
