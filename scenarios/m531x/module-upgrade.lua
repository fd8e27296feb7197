-- SPDX-License-Identifier: MIT
-- The platform upgrades the module itself (the LwM2M manual of its vendor, 5.8): the host is told, stays silent while
-- the firmware is written, and registers again.
local OLD, NEW = "M5311_S04", "M5311_S05"

local function set_up(t, options)
  local b = { onenet = t:platform("onenet", { retry = "20s" }) }
  local settings = { dialect = "m531x", firmware = OLD, link_latency = "50ms", fota_update_time = "20s" }
  for name, value in pairs(options or {}) do settings[name] = value end
  b.package = t:package { dialect = "m531x", from = OLD, to = NEW, size = "30k" }
  b.task = b.onenet:task { package = b.package, what = "firmware", battery = 50 }
  b.modem = t:modem(settings)
  b.host = t:host { "m531x-module", b.modem.tty, "--until", NEW }
  return b
end

local function expect_upgraded(t, b, failures)
  b.task:expect("succeeded", { within = "30m" })
  b.host:expect_exit(0, { within = "5m" })
  t:equal(b.modem.firmware, NEW)
  t:equal(b.modem.fota, "idle")
  t:equal(b.task.failures, failures)
end

local function anything()
  return true
end

scenario("M531x is upgraded itself, and tells its host", function(t)
  local b = set_up(t)

  b.modem:wait_urc("+MIPLEVENT:0,6", { within = "2m" })
  b.modem:wait_urc("+MIPLREAD:", { within = "1m", because = "the battery is asked for" })
  b.modem:wait_urc("+MIPLEVENT:0,40", { within = "1m" })
  b.modem:wait_urc("+MIPLEVENT:0,42", { within = "5m" })
  b.modem:wait_urc("+MIPLEVENT:0,43", { within = "1m" })
  b.modem:wait_power("flashing", { within = "1m" })
  local sent = b.modem:count(anything)
  t:let_pass("15s")
  t:equal(b.modem:count(anything), sent, "the host leaves the module alone")
  b.modem:wait_urc("*ATREADY: 1", { within = "2m" })
  b.modem:wait_urc("+MIPLEVENT:0,44", { within = "1m" })
  b.modem:wait_urc("+MIPLEVENT:0,6", { within = "2m" })
  b.modem:wait_urc("+MIPLEVENT:0,46", { within = "1m" })
  expect_upgraded(t, b, 0)
end)

scenario("M5310-A is upgraded itself, in words and with the cause of its restart", function(t)
  local b = set_up(t, { model = "M5310-A", baud = 115200, quirks = { "fota-words" } })

  b.modem:wait_urc("FIRMWARE DOWNLOADING", { within = "3m" })
  b.modem:wait_urc("FIRMWARE DOWNLOADED", { within = "5m" })
  b.modem:wait_urc("FIRMWARE UPDATING", { within = "1m" })
  b.modem:wait_urc("FIRMWARE UPDATE SUCCESS", { within = "3m" })
  b.modem:wait_urc("FIRMWARE UPDATE OVER", { within = "3m" })
  expect_upgraded(t, b, 0)
end)

-- Where the power goes, and how many attempts of the platform it costs.
local CUTS = {
  { "before it makes room",         "m531x.fota.erase=power_cut",                0 },
  { "in the download",              "m531x.fota.block#17=power_cut",             0 },
  { "as it stores its position",    "nv.commit#4/mid=power_cut:torn",            0 },
  { "in a page of the package",     'flash.program@"package"#3/mid=power_cut:torn', 0 },
  { "before it judges the package", "m531x.fota.check=power_cut",                0 },
  { "as the installation begins",   "m531x.fota.update=power_cut",               0 },
  { "while it writes the firmware", "m531x.fota.flash@37%=power_cut",            0 },
  { "in a page of the firmware",    'flash.program@"app-b"#3/mid=power_cut:garbled', 0 },
  { "before the new one is chosen", "m531x.fota.switch=power_cut",               0 },
  { "before it tells the result",   "m531x.fota.report=power_cut",               0 },
}

for _, cut in ipairs(CUTS) do
  scenario("M531x finishes its own upgrade after a power cut " .. cut[1], function(t)
    local b = set_up(t)

    b.modem:fault(cut[2])
    b.modem:wait_power("off", { within = "10m" })
    b.modem:power_on { after = "3s" }
    expect_upgraded(t, b, cut[3])
  end)
end

scenario("M531x goes on with its own download where the flash ends", function(t)
  local b = set_up(t)

  b.modem:fault "m531x.fota.block#17=power_cut"
  b.modem:wait_power("off", { within = "10m" })
  b.modem:power_on { after = "3s" }
  b.modem:wait_urc("+MIPLEVENT:0,40", { within = "3m" })
  b.modem:wait_urc("+MIPLEVENT:0,40", { within = "3m", because = "in the next login it goes on" })
  b.modem:wait_urc("+MIPLEVENT:0,42", { within = "3m" })
  t:equal(b.task.from_byte, 16384)
  expect_upgraded(t, b, 0)
end)

scenario("M531x suspends its own download while the platform sends nothing", function(t)
  local b = set_up(t, { quirks = { "fota-events-full" }, fota_stall = "10s" })

  b.onenet:misbehave { stops_at_block = 20 }
  b.modem:wait_urc("+MIPLEVENT:0,48", { within = "3m" })
  b.modem:wait_urc("+MIPLEVENT:0,47", { within = "3m" })
  t:equal(b.modem.fota, "module suspended")
  t:equal({ b.onenet:read("5/0/5") }, { 205, "4" }, "the connection was lost")
  b.host:signal "KILL"
  b.host:restart()
  expect_upgraded(t, b, 0)
  t:equal(b.task.from_byte, 16384)
end)
