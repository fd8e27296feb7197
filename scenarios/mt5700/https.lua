-- SPDX-License-Identifier: MIT
-- The guide, 3.4 and 5: certificates are stored in slices and loaded, and again after each loss of power.
scenario("A server that wants to know the module gets its certificate, before and after a power cut", function(t)
  local certs   = t:certificates()
  local server  = t:http { certificate = certs.server, key = certs.server_key, client_ca = certs.ca }
  local package = t:package { dialect = "mt5700", to = "1.3.0.0(SP1C02)", size = "200k" }
  local modem   = t:modem {
    dialect = "mt5700", quirks = { "https-works" }, firmware = "1.2.5.0(SP1C02)", flash_time = "10s",
  }
  local url     = server:publish_folder("/mt5700/", package)
  local host    = t:host {
    "mt5700-updater", t:tty_link(), url, "--ssl", "2", "--ca", certs.ca, "--cert", certs.client, "--key",
    certs.client_key,
  }

  modem:fault "download.body@50%=power_cut"
  modem:wait_power("off", { within = "5m" })
  modem:power_on { after = "3s" }
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
  t:equal(modem:count("AT^SSLCFG=2,1,0,2"), 2)
end)
