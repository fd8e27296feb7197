-- SPDX-License-Identifier: MIT
-- The adapter of mt5700-updater for `hayeswire audit mt5700 --adapter tests/hosts/mt5700.lua`.
return {
  command = { "mt5700-updater", "{tty}", "{url}", "--report", "{report}" },
  https = { "--ssl", "2", "--ca", "{ca}", "--cert", "{cert}", "--key", "{key}" },
  consent = { prompt = "A new firmware is ready", refuse = { "--consent", "no" } },
  time_scale = true,
  version = pat"the module runs (%S+)",
  statuses = {
    [0] = "success", [2] = "usage", [3] = "failure: no version from the server", [4] = "up to date",
    [5] = "failure: no download", [6] = "failure: unexpected version", [7] = "failure: out of time",
    [8] = "refused: by the user",
  },
}
