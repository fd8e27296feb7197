-- SPDX-License-Identifier: MIT
-- Hosts that break a rule, and what becomes of their task.
local function set_up(t, bug, opts, quirks)
  local onenet  = t:platform("onenet", opts)
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
  local task    = onenet:task { package = package, tries = 1 }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms", callback_timeout = "5s", quirks = quirks }
  return task, t:host { "m531x-mcu", modem.tty, "--until", "test000", "--bug", bug }, modem
end

scenario("M531x with strict numbers passes on no answer with a wrong number", function(t)
  local task, host, modem = set_up(t, "wrong-mid", {}, { "strict-mid" })

  modem:wait_urc("+MIPLEVENT:0,20,", { within = "3m" })
  task:expect("failed", { within = "3m" })
  t:equal(task.reason, "reading the free storage: the answer is 5.00")
  host:stop()
end)

scenario("M531x waits in vain for a host that tells nothing after its upgrade", function(t)
  local task, host = set_up(t, "no-update", { upgrade_timeout = "20s" })

  host:expect_output("running test000", { within = "3m" })
  task:expect("failed", { within = "3m" })
  t:equal(task.reason, "waiting for the device to come back: the device did not come back")
  host:stop()
end)

scenario("M531x carries the lie of a host that names a version it does not run", function(t)
  local task, host, modem = set_up(t, "lies", {})

  task:expect("succeeded", { within = "3m" })
  t:equal(modem:count("AT+MIPLSOTA=1"), 0, "the platform believes it, and sends nothing")
  host:stop()
end)

scenario("M531x saves a host that acknowledges too early, since the platform asks what it has", function(t)
  local onenet  = t:platform("onenet", { retry = "10s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000", "--bug", "ack-first", "--cut-after", 1500 }

  host:expect_exit("SIGKILL", { within = "3m" })
  t:equal(modem:count("AT+MIPLSOTA=1"), 2)
  host:restart()
  task:expect("succeeded", { within = "10m" })
  t:equal(task.from_byte, 1024)
  host:expect_exit(0, { within = "2m" })
end)
