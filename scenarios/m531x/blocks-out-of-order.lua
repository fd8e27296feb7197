-- SPDX-License-Identifier: MIT
-- Blocks run from flag 1 through 2 to 0; one that is missing is noticed, one that comes again is not written again.
scenario("M531x ends a download that misses a block with event 41, and the next one is whole", function(t)
  local onenet  = t:platform("onenet", { retry = "5s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 6000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  onenet:misbehave { skips_block = 3 }
  modem:wait_urc("+MIPLEVENT:0,41", { within = "2m" })
  task:expect("succeeded", { within = "10m" })
  t:equal(task.from_byte, 0)
  host:expect_exit(0, { within = "2m" })
end)

scenario("M531x keeps a repeated block from its host", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 6000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  onenet:misbehave { repeats_block = 3 }
  task:expect("succeeded", { within = "10m" })
  t:equal(modem:count("AT+MIPLSOTA=1"), 6)
  t:equal(task.failures, 0)
  host:expect_exit(0, { within = "2m" })
end)
