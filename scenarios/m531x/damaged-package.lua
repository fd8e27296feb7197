-- SPDX-License-Identifier: MIT
-- The host finds the damage, tells it in 5/0/5 and runs its old software.
scenario("M531x tells the platform of a damaged package, and the old software runs on", function(t)
  local onenet  = t:platform("onenet", { retry = "5s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 5000 }
  local task    = onenet:task { package = package:damaged { at = 3000 }, target = "test000", tries = 2 }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty }

  host:expect_output("running test0", { within = "1m" })
  host:expect_output("the image is damaged", { within = "3m" })
  host:expect_output("running test0")
  task:expect("failed", { within = "10m" })
  t:equal(task.reason, "ordering the installation: the device runs the old version: integrity check failed")
  t:equal(task.failures, 2)
  host:stop()
end)

scenario("M531x gets a package right that was damaged once on its way", function(t)
  local onenet  = t:platform("onenet", { retry = "5s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 5000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  onenet:misbehave { corrupts_block = 3 }
  task:expect("succeeded", { within = "10m" })
  t:equal(task.failures, 1)
  host:expect_exit(0, { within = "2m" })
end)

scenario("M531x upgrades nothing with a package for another version", function(t)
  local onenet  = t:platform("onenet", { retry = "5s" })
  local package = t:package { dialect = "m531x", from = "test7", to = "test000", size = 5000 }
  local task    = onenet:task { package = package, tries = 1 }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty }

  task:expect("failed", { within = "10m" })
  host:stop()
end)
