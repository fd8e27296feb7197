-- SPDX-License-Identifier: MIT
-- The adapter of air720-updater for `hayeswire audit air720 --adapter tests/hosts/air720.lua`.
return {
  command = { "air720-updater", "{tty}", "{tty:air720.uart2}", "{url}" },
  service_url = "service",
  statuses = {
    [0] = "upgraded, or nothing newer", [2] = "usage", [3] = "download failed", [4] = "wrong package or URL",
    [5] = "no room", [6] = "unexpected version", [7] = "out of time", [8] = "refused by the service",
  },
}
