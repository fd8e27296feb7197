-- SPDX-License-Identifier: MIT
-- What most scenarios of the Air720 begin with: a server, a package, a module with short times, the vendor's service
-- that knows it, and the example host.
local bench = {}

bench.OLD, bench.NEW = "AirM2M_720_V422_LTE_AT", "AirM2M_720_V9999_LTE_AT"

---@param t hayeswire.Test
---@param opts? table  options of the module; from and size of the package; habit of the server
function bench.new(t, opts)
  local given, b = opts or {}, {}
  local options = { dialect = "air720", firmware = bench.OLD, factory_rate = 115200, flash_time = "10s" }
  for key, value in pairs(given) do
    if key ~= "from" and key ~= "size" and key ~= "habit" then options[key] = value end
  end
  b.server = t:http()
  b.package = t:package {
    dialect = "air720", from = given.from or bench.OLD, to = bench.NEW, size = given.size or "64k",
  }
  b.modem = t:modem(options)
  b.luat = t:platform("luat", { devices = { b.modem } })
  b.url = b.server:publish("/update.bin", b.package, given.habit)
  return b
end

---Start the example host for the module.
---@param what? string  "service", "auto" or a URL; the published one if not given
function bench.host(t, b, what)
  return t:host { "air720-updater", b.modem.tty, b.modem:tty_of("uart2"), what or b.url }
end

---Offer the published package to the module by the service.
function bench.release(b)
  b.luat:release { version = bench.NEW, url = b.url }
end

return bench
