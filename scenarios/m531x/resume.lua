-- SPDX-License-Identifier: MIT
-- 5/0/26500 says how many bytes the host has; the platform sends no byte of them again (C-19).
scenario("M531x resumes the download behind the bytes that the host has", function(t)
  local onenet  = t:platform("onenet", { retry = "10s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 8000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  modem:fault "m531x.sota.block#6=power_cut"
  modem:wait_power("off", { within = "2m" })
  modem:power_on { after = "10s" }
  host:expect_output("going on behind 5120 bytes", { within = "3m" })
  task:expect("succeeded", { within = "10m" })
  t:equal(task.from_byte, 5120)
  t:equal(modem:count("AT+MIPLSOTA=1"), 8)
  host:expect_exit(0, { within = "2m" })
end)

scenario("M531x resumes the download for a host that was killed", function(t)
  local onenet  = t:platform("onenet", { retry = "10s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 8000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "200ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  for _ = 1, 3 do modem:expect("AT+MIPLSOTA=1", { within = "2m" }) end
  host:signal("KILL")
  host:restart()
  modem:expect("AT+MIPLDELETE=0", { within = "2m", because = "the instance of the life before is there" })
  host:expect_output("going on behind", { within = "3m" })
  task:expect("succeeded", { within = "10m" })
  t:check(task.from_byte >= 3072, "what was acknowledged is not sent again")
  host:expect_exit(0, { within = "2m" })
end)

scenario("M531x with no-resume begins the download again", function(t)
  local onenet  = t:platform("onenet", { retry = "10s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 8000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", quirks = { "no-resume" }, link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  modem:fault "m531x.sota.block#6=power_cut"
  modem:wait_power("off", { within = "2m" })
  modem:power_on { after = "3s" }
  task:expect("succeeded", { within = "10m" })
  t:equal(task.from_byte, 0)
  host:expect_exit(0, { within = "2m" })
end)
