-- SPDX-License-Identifier: MIT
-- The variants of the sources, each with the same host.
local QUIRKS = {
  { "write-oneline" }, { "sp-colon" }, { "sp-all", "write-oneline" }, { "write-tail=flag-index", "write-oneline" },
  { "create-ok-only", "events-min" }, { "events-full", "sota-events" }, { "err-prefix=cis" }, { "auto-ack=0" },
  { "strict-mid" }, { "strict-mid-err" }, { "len-strict" }, { "mid32" }, { "boot-banner=+MATREADY" },
}

for _, quirks in ipairs(QUIRKS) do
  scenario("M531x upgrades its host with " .. table.concat(quirks, " and "), function(t)
    local onenet  = t:platform("onenet", { retry = "10s" })
    local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
    local task    = onenet:task { package = package }
    local modem   = t:modem { dialect = "m531x", quirks = quirks, link_latency = "50ms" }
    local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

    task:expect("succeeded", { within = "10m" })
    t:equal(task.failures, 0)
    host:expect_exit(0, { within = "2m" })
  end)
end

scenario("M5310-A upgrades its host at its own rate and with its own banner", function(t)
  local onenet  = t:platform("onenet", { retry = "10s" })
  local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 3000 }
  local task    = onenet:task { package = package }
  local modem   = t:modem { dialect = "m531x", model = "M5310-A", baud = 115200, link_latency = "50ms" }
  local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

  modem:fault "m531x.sota.block#2=reset"
  task:expect("succeeded", { within = "10m" })
  host:expect_exit(0, { within = "2m" })
end)
