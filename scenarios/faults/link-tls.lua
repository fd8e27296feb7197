-- SPDX-License-Identifier: MIT
-- The same faults of the link, under TLS and whatever server it comes from: here https with a certificate.
scenario("The host gets the package over a bad link with TLS", function(t)
  local certs  = t:certificates()
  local server = t:http { certificate = certs.server, key = certs.server_key }
  local modem  = t:modem { dialect = "mt5700", quirks = { "https-works" }, flash_time = "10s" }
  modem:fault "download.head=reset_link"
  modem:fault "download.body@20%=slow:20k"
  modem:fault "download.body@30%=stall:10s"
  modem:fault "download.body@60%=reset_link"
  local url = server:publish_folder("/mt5700/", t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" })
  t:host { "mt5700-updater", t:tty_link(), url, "--ssl", "1", "--ca", certs.ca }:expect_exit(0, { within = "20m" })
end)
