-- SPDX-License-Identifier: MIT
-- The SOTA guide from step 8 to step 16.
scenario("M531x carries an upgrade of the host behind it", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 13658 }
  local task    = onenet:task { package = package, battery = 50 }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  modem:expect('AT+MIPLSOTAVER="test0"', { within = "2m" })
  modem:expect("AT+MIPLOPEN=", { within = "1m" })
  task:expect("running", { within = "2m" })
  task:expect("succeeded", { within = "10m" })
  host:expect_exit(0, { within = "2m" })
  t:equal(task.failures, 0)
  t:equal(modem.fota, "idle")
end)
