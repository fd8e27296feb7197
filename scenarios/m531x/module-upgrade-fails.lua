-- SPDX-License-Identifier: MIT
-- Why an upgrade of the module itself can fail: each code of the firmware object's result (/5/0/5), as the platform
-- reads it, and what the host hears. The old firmware goes on, and the next task succeeds.
local OLD, NEW = "M5311_S04", "M5311_S05"

local ROWS = {
  { what = "its flash can not be erased",         fault = "m531x.fota.erase=fail:2",        event = 41, code = 2,
    reason = "beginning the download: the answer is 5.00" },
  { what = "the package is larger than its flash", package = { size = "2100k" },            event = 41, code = 2,
    reason = "sending the package: the answer is 5.00" },
  { what = "its memory is short",                 fault = "m531x.fota.block#5=fail:3",      event = 41, code = 3,
    reason = "sending the package: the answer is 5.00" },
  { what = "a block is damaged on its way",       habit = { corrupts_block = 3 },           event = 41, code = 5,
    reason = "sending the package: the answer is 5.00" },
  { what = "a block is lost on its way",          habit = { skips_block = 3 },              event = 41, code = 0,
    reason = "sending the package: the answer is 4.08" },
  { what = "the package is for another module",   package = { dialect = "bc26" },           event = 41, code = 6,
    reason = "sending the package: the answer is 5.00" },
  { what = "the package comes from a wrong place", fault = "m531x.fota.check=fail:7",       event = 41, code = 7,
    reason = "sending the package: the answer is 5.00" },
  { what = "the protocol is not supported",       fault = "m531x.fota.check=fail:9",        event = 41, code = 9,
    reason = "sending the package: the answer is 5.00" },
  { what = "it can not begin the installation",   fault = "m531x.fota.update=fail:8",       event = 45, code = 8,
    reason = "ordering the installation: the answer is 5.00" },
  { what = "the package is for another firmware", package = { from = "M5311_S03" },         event = 45, code = 8,
    reason = "ordering the installation: the device runs the old version: update failed" },
  { what = "the firmware can not be written",     fault = "m531x.fota.flash@50%=fail",      event = 45, code = 8,
    reason = "ordering the installation: the device runs the old version: update failed" },
}

local function package_of(t, row)
  local opts = { dialect = "m531x", from = OLD, to = NEW, size = "9k" }
  for name, value in pairs(row.package or {}) do opts[name] = value end
  return t:package(opts)
end

for _, row in ipairs(ROWS) do
  scenario(("M531x is not upgraded itself when %s: result %d"):format(row.what, row.code), function(t)
    local onenet = t:platform("onenet")
    local modem  = t:modem { dialect = "m531x", firmware = OLD, link_latency = "5ms", fota_update_time = "10s" }
    local task   = onenet:task { package = package_of(t, row), what = "firmware", tries = 1 }
    local host   = t:host { "m531x-module", modem.tty, "--until", NEW }

    if row.fault then modem:fault(row.fault) end
    if row.habit then onenet:misbehave(row.habit) end
    modem:wait_urc("+MIPLEVENT:0," .. row.event, { within = "20m" })
    task:expect("failed", { within = "5m" })
    t:equal(task.reason, row.reason)
    t:equal({ onenet:read("5/0/5") }, { 205, tostring(row.code) })
    t:equal({ onenet:read("5/0/3") }, { 205, "0" })
    t:equal(modem.firmware, OLD)
    local second = onenet:task { package = package_of(t, {}), what = "firmware" }
    second:expect("succeeded", { within = "10m" })
    host:expect_exit(0, { within = "5m" })
    t:equal(modem.firmware, NEW)
  end)
end
