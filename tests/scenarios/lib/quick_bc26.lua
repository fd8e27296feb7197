-- SPDX-License-Identifier: MIT
-- A BC26 that wastes no time, and a server with a package for it.
---@param t hayeswire.Test
---@param opts? {from?: string, rate?: string, attachment?: string}  the version that the package is for; speed of the
---download; how it is attached
---@return hayeswire.Modem
return function(t, opts)
  opts = opts or {}
  local server = t:http()
  server:publish("/update.bin", t:package {
    dialect = "bc26", from = opts.from or "BC26NBR01A05", to = "BC26NBR01A06", size = "8k",
  })
  return t:modem {
    dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05", first_byte = "100ms",
    download_rate = opts.rate or "64k", update_time = "2s",
    attachment = opts.attachment or "native",
  }
end
