-- SPDX-License-Identifier: MIT
-- The adapter of bc26-updater for `hayeswire audit bc26 --adapter tests/hosts/bc26.lua`.
return {
  command = { "bc26-updater", "{tty}", "{url}" },
  time_scale = true,
  version = pat"the module runs (%S+)",
  statuses = {
    [0] = "success", [2] = "usage", [3] = "failure: no download", [4] = "failure: wrong package",
    [5] = "failure: of the module", [6] = "failure: unexpected version", [7] = "failure: out of time",
  },
}
