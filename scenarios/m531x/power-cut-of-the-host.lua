-- SPDX-License-Identifier: MIT
-- The supply of the MCU fails behind so many bytes of its flash: a record is torn, a block is half written, the switch
-- to the new software is half written. It comes up old or new, tells what it has, and goes on.
for _, bytes in ipairs { 1, 60, 103, 104, 600, 1128, 1200, 3000, 5500, 6620, 6700, 6800, 6839 } do
  scenario(("M531x upgrades a host whose supply failed behind byte %d of its flash"):format(bytes), function(t)
    local onenet  = t:platform("onenet", { retry = "10s" })
    local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 6000 }
    local task    = onenet:task { package = package }
    local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
    local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000", "--cut-after", bytes }

    host:expect_exit("SIGKILL", { within = "3m" })
    t:let_pass("5s")
    host:restart()
    host:expect_output("running test0", { within = "1m" })
    task:expect("succeeded", { within = "15m" })
    host:expect_exit(0, { within = "2m" })
  end)
end
