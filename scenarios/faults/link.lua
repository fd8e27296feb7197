-- SPDX-License-Identifier: MIT
-- The download itself, whatever server it comes from: slow, stalled, broken, an error of the server.
scenario("The host gets the package over a bad link", function(t)
  local server = t:http()
  local modem  = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" }, firmware = "BC26NBR01A05",
    update_time = "5s", download_rate = "16k" }
  modem:fault "net.dns=delay:5s"
  modem:fault "download.head=fail:503"
  modem:fault "download.body@20%=slow:4k"
  modem:fault "download.body@40%=stall:10s"
  modem:fault "download.body@60%=reset_link"
  server:publish("/update.bin", t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06" })
  t:resolve("www.example.com:80", server)
  t:host { "bc26-updater", modem.tty, "http://www.example.com/update.bin" }:expect_exit(0, { within = "20m" })
end)
