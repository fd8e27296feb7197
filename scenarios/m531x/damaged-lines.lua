-- SPDX-License-Identifier: MIT
-- Between module and host: a block that is longer, shorter or no block any more is not written.
local FAULTS = {
  { "a digit too much",      'line.tx@",1024,\\r\\n"#2=insert:"5"' },
  { "a lost digit",          'line.tx@",1024,\\r\\n5"=drop' },
  { "a foreign byte",        'line.tx@",1024,\\r\\n"#3=insert:"\\xFE"' },
  { "a lost header",         'line.tx@"+MIPLWRITE:0,"#3=flip:4' },
}

for _, fault in ipairs(FAULTS) do
  scenario("M531x upgrades its host although a block had " .. fault[1], function(t)
    local onenet  = t:platform("onenet", { retry = "5s" })
    local package = t:package { dialect = "m531x", from = "test0", to = "test000", size = 12000 }
    local task    = onenet:task { package = package }
    local modem   = t:modem { dialect = "m531x", link_latency = "50ms" }
    local host    = t:host { "m531x-mcu", modem.tty, "--until", "test000" }

    modem:fault(fault[2])
    task:expect("succeeded", { within = "15m" })
    t:check(task.failures >= 1, "the damage costs an attempt")
    host:expect_exit(0, { within = "2m" })
  end)
end
