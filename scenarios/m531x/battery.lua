-- SPDX-License-Identifier: MIT
-- Steps 11 and 13: the level is read before the download and again before the installation.
scenario("M531x upgrades no host with an empty battery", function(t)
  local onenet  = t:platform("onenet", { retry = "10s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
  local task    = onenet:task { package = package, battery = 50 }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  host:expect_output("running test0", { within = "1m" })
  host:signal("USR1")
  task:expect("running", { within = "3m" })
  task:expect("waiting", { within = "3m" })
  t:equal(task.reason, "the battery has 10 %, the task wants 50 %")
  t:equal(modem:count("AT+MIPLSOTA=3"), 0)
  host:signal("USR2")
  task:expect("succeeded", { within = "10m" })
  t:equal(task.failures, 0)
  host:expect_exit(0, { within = "2m" })
end)

scenario("M531x does not install when the battery falls during the download", function(t)
  local onenet  = t:platform("onenet", { retry = "10s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 6000 }
  local task    = onenet:task { package = package, battery = 50 }
  local modem   = t:modem { dialect = "m531x", link_latency = "200ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  modem:expect("AT+MIPLSOTA=3", { within = "3m" })
  host:signal("USR1")
  task:expect("waiting", { within = "5m" })
  t:equal(task.reason, "the battery has 10 %, the task wants 50 %")
  t:equal(task.sent_bytes, 6000)
  host:signal("USR2")
  task:expect("succeeded", { within = "10m" })
  t:equal(modem:count("AT+MIPLSOTA=1"), 6)
  host:expect_exit(0, { within = "2m" })
end)
