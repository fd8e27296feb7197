-- SPDX-License-Identifier: MIT
-- The answer of 26501 is held while the host erases; nothing is answered before the registration.
scenario("M531x waits for a host that erases its flash slowly", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms", callback_timeout = "2m" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000", "--erase-ms", "500", "--install-ms", "300" }

  task:expect("succeeded", { within = "10m" })
  t:equal(task.failures, 0)
  host:expect_exit(0, { within = "2m" })
end)

scenario("M531x registers a host late, and the host waits for it", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", registration = "90s", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  modem:wait_urc("+MIPLEVENT:0,6", { within = "5m" })
  t:equal(modem:count("AT+MIPLREADRSP="), 0)
  task:expect("succeeded", { within = "10m" })
  host:expect_exit(0, { within = "2m" })
end)
