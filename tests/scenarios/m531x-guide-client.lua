-- SPDX-License-Identifier: MIT
-- The steps 8 to 16 of the SOTA guide, typed by a client that knows nothing of this bench. The test that runs it writes
-- package.bin, whose blocks begin and end as the guide shows them.
scenario("an independent client is upgraded behind an M531x as its guide shows", function(t)
  local onenet  = t:platform("onenet")
  local package = t:package { file = "package.bin", dialect = "m531x", from = "test0", to = "test000" }
  local task    = onenet:task { package = package, battery = 50 }
  local modem   = t:modem { dialect = "m531x", quirks = { "create-ok-only", "events-min", "mid-script" } }
  local host    = t:host()

  host:expect_exit(0, { within = "1h" })
  task:expect("succeeded", { within = "1m" })
  t:equal(task.failures, 0)
  t:equal(modem.fota, "idle")
end)
