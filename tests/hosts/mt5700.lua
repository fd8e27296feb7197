-- SPDX-License-Identifier: MIT
-- The adapter of mt5700-updater for `hayeswire audit mt5700 --adapter tests/hosts/mt5700.lua`.
return {
  command = { "mt5700-updater", "{tty}", "{url}", "--report", "{report}" },
  https = { "--ssl", "2", "--ca", "{ca}", "--cert", "{cert}", "--key", "{key}" },
  consent = { prompt = "A new firmware is ready", refuse = { "--consent", "no" } },
  statuses = {
    [0] = "upgraded", [2] = "usage", [3] = "no version from the server", [4] = "nothing newer", [5] = "download failed",
    [6] = "unexpected version", [7] = "out of time", [8] = "refused by the user",
  },
}
