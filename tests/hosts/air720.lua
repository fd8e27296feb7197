-- SPDX-License-Identifier: MIT
-- The adapter of air720-updater for `hayeswire audit air720 --adapter tests/hosts/air720.lua`.
return {
  command = { "air720-updater", "{tty}", "{tty:air720.uart2}", "{url}" },
  service_url = "service",
  time_scale = true,
  version = pat"the module runs (%S+)",
  statuses = {
    [0] = "success: upgraded, or nothing newer", [2] = "usage", [3] = "failure: no download",
    [4] = "failure: wrong package or URL", [5] = "failure: no room", [6] = "failure: unexpected version",
    [7] = "failure: out of time", [8] = "failure: refused by the service",
  },
}
