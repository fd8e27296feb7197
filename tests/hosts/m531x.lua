-- SPDX-License-Identifier: MIT
-- The adapter of m531x-mcu for `hayeswire audit m531x --adapter tests/hosts/m531x.lua`.
return {
  command = { "m531x-mcu", "{tty}", "--until", "test000" },
  battery = { low = "USR1", full = "USR2" },
  statuses = { [0] = "upgraded", [2] = "usage", [5] = "no software that starts", [7] = "out of time" },
}
