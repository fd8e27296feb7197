-- SPDX-License-Identifier: MIT
-- Error -1000, and what the guide's last sentence says: the module GETs over plain HTTP only.
local bench = require "air720_bench"

scenario("The host gives up on a URL that the module calls invalid (-1000)", function(t)
  local b = bench.new(t)
  local host = bench.host(t, b, "http:///update.bin")

  host:expect_output("-1000", { within = "10m" })
  host:expect_exit(4, { within = "2m" })
  t:equal(b.modem:count("AT+UPGRADE"), 2, "once more: the URL may have been spoilt on its way")
end)

scenario("The host refuses https before it asks the module", function(t)
  local b = bench.new(t)
  local host = bench.host(t, b, "https://127.0.0.1/update.bin")

  host:expect_output("plain http", { within = "2m" })
  host:expect_exit(2, { within = "2m" })
  b.modem:never("AT+UPGRADE")
end)
