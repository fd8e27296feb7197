-- SPDX-License-Identifier: MIT
-- Events 3, 7 and 8: the host tries again, with pauses that grow.
scenario("M531x registers when the platform is there again", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }

  onenet:misbehave { silent = true }
  local host = t:host { "m531x-mcu", modem.tty, "--until", "test000" }
  modem:wait_urc("+MIPLEVENT:0,3", { within = "2m" })
  modem:expect("AT+MIPLOPEN=", { within = "2m" })
  modem:expect("AT+MIPLOPEN=", { within = "3m", because = "event 3 is no end" })
  onenet:misbehave { silent = false }
  task:expect("succeeded", { within = "10m" })
  host:expect_exit(0, { within = "2m" })
end)

scenario("M531x reports a platform that does not answer the registration", function(t)
  local onenet = t:platform("onenet")
  local modem  = t:modem { dialect = "m531x", server = "direct", link_latency = "50ms" }

  onenet:misbehave { silent = true }
  local host = t:host { "m531x-mcu", modem.tty }
  modem:wait_urc("+MIPLEVENT:0,8", { within = "3m" })
  onenet:misbehave { silent = false }
  modem:wait_urc("+MIPLEVENT:0,6", { within = "3m" })
  host:stop()
end)

scenario("M531x reports a platform that rejects the device", function(t)
  local onenet = t:platform("onenet")
  local modem  = t:modem { dialect = "m531x", link_latency = "50ms" }

  onenet:misbehave { rejects = true }
  local host = t:host { "m531x-mcu", modem.tty }
  modem:wait_urc("+MIPLEVENT:0,7", { within = "2m" })
  onenet:misbehave { rejects = false }
  modem:wait_urc("+MIPLEVENT:0,6", { within = "3m" })
  host:stop()
end)

scenario("M531x registers again when the platform has forgotten the device", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  onenet:misbehave { forgets = true }
  modem:expect("AT+MIPLUPDATE=0,0,0", { within = "3m" })
  modem:wait_urc("+MIPLEVENT:0,12", { within = "1m" })
  onenet:misbehave { forgets = false }
  task:expect("succeeded", { within = "10m" })
  host:expect_exit(0, { within = "2m" })
end)
