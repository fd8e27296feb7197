-- SPDX-License-Identifier: MIT
-- A day: the modem reports its registration every quarter of an hour, the host polls, and both live on one clock.
scenario("A host polls for a day", function(t)
  local modem = t:modem { dialect = "gpp" }

  modem:wait_power("on")
  local host = t:host { "at-day", modem.tty }

  t:spawn(function()
    for i = 1, 96 do
      t:let_pass("15m")
      modem:urc("+CREG: " .. (i % 5 + 1))
    end
  end)
  host:expect_exit(0, { within = "26h" })
  t:check(modem:count("AT+CSQ") >= 90, "the host polled")
end)
