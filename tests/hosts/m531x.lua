-- SPDX-License-Identifier: MIT
-- The adapter of m531x-mcu for `hayeswire audit m531x --adapter tests/hosts/m531x.lua`.
return {
  command = { "m531x-mcu", "{tty}", "--until", "test000" },
  battery = { low = "USR1", full = "USR2" },
  slow_erase = { "--erase-ms", "20000" },
  version = pat"^running (%S+)$",
  statuses = {
    [0] = "success", [2] = "usage", [5] = "failure: no software that starts", [7] = "failure: out of time",
  },
}
