-- SPDX-License-Identifier: MIT
-- What the console does not let through, and what it finds at once (steps 6 and 7).
scenario("M531x gets no task when its host told no version before registering", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", to = "test000", size = 3000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--bug", "no-version" }

  task:expect("refused", { within = "3m" })
  t:equal(task.reason, "no entity: the device told no software version")
  host:stop()
end)

scenario("M531x gets no task with a wrong MD5", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", to = "test000", size = 3000 }
  local task    = onenet:task { package = package, md5 = "d41d8cd98f00b204e9800998ecf8427e" }

  t:equal(task.state, "refused")
  t:equal(task.reason, "the MD5 is not that of the package")
end)

scenario("M531x gets no package that is larger than its host's storage", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", to = "test000", size = "300k" }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty }

  task:expect("failed", { within = "3m" })
  t:equal(task.reason, "the device has 256 KB for 307200 bytes")
  host:stop()
end)

scenario("M531x is left alone when its host runs the target version", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", to = "test0", size = 3000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test0" }

  task:expect("succeeded", { within = "3m" })
  t:equal(modem:count("AT+MIPLSOTA=3"), 0)
  host:expect_exit(0, { within = "2m" })
end)
