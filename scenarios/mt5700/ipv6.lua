-- SPDX-License-Identifier: MIT
-- The guide, 3.1: the server may have an IPv6 address.
scenario("The whole way from a server on IPv6", function(t)
  local server  = t:http { ipv6 = true }
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "10s", rat = "nr" }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host { "mt5700-updater", t:tty_link(), url }

  t:check(url:find("http://[::1]:", 1, true), url)
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
end)
