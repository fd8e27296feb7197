-- SPDX-License-Identifier: MIT
-- Messages between the module and its platform, lost or doubled on the way.
scenario("The task succeeds although messages of the platform are lost and doubled", function(t)
  local onenet = t:platform("onenet", { retry = "10s" })
  local task   = onenet:task { package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 6000 } }
  local modem  = t:modem { dialect = "m531x", link_latency = "50ms" }
  modem:fault "cloud.send#4=lost"
  modem:fault "cloud.send#9=dup"
  modem:fault "cloud.receive#7=lost"
  modem:fault "cloud.receive#11=dup"
  t:host { "m531x-mcu", modem.tty, "--until", "test000" }:expect_exit(0, { within = "20m" })
  task:expect("succeeded", { within = "1s" })
end)
