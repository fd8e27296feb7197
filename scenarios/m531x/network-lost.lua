-- SPDX-License-Identifier: MIT
-- The registration lives at the platform; what is lost on the radio is sent again.
scenario("M531x carries the upgrade through a loss of the network", function(t)
  local onenet  = t:platform("onenet", { retry = "10s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 8000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "100ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  for _ = 1, 3 do modem:expect("AT+MIPLSOTA=1", { within = "2m" }) end
  modem:network("none")
  t:let_pass("15s")
  modem:network("home")
  task:expect("succeeded", { within = "10m" })
  t:equal(task.failures, 0)
  host:expect_exit(0, { within = "2m" })
end)

scenario("M531x goes on after the network was away for longer than the platform waits", function(t)
  local onenet  = t:platform("onenet", { retry = "30s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 8000 }
  local task    = onenet:task { package = package, tries = 9 }
  local modem   = t:modem { dialect = "m531x", link_latency = "100ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  for _ = 1, 3 do modem:expect("AT+MIPLSOTA=1", { within = "2m" }) end
  modem:network("none")
  task:expect("waiting", { within = "3m" })
  t:equal(task.reason, "sending the package: no answer")
  modem:network("home")
  task:expect("succeeded", { within = "10m" })
  t:check(task.from_byte >= 3072, "it goes on, and does not begin again")
  host:expect_exit(0, { within = "2m" })
end)
