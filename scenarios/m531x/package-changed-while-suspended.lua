-- SPDX-License-Identifier: MIT
-- Bytes of one package are never completed with those of another.
scenario("M531x drops a suspended download when the platform has another package", function(t)
  local onenet = t:platform("onenet", { retry = "10s" })
  local first  = t:package { dialect = "m531x", from = "test0", to = "test001", size = 8000 }
  local second = t:package { dialect = "m531x", from = "test0", to = "test000", size = 7000 }
  local task   = onenet:task { package = first }
  local modem  = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host   = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  modem:fault "m531x.sota.block#4=power_cut"
  modem:wait_power("off", { within = "2m" })
  task:cancel()
  task = onenet:task { package = second }
  modem:power_on { after = "3s" }
  task:expect("succeeded", { within = "10m" })
  t:equal(task.from_byte, 0)
  host:expect_exit(0, { within = "2m" })
end)
