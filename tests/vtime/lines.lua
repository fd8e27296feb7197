-- SPDX-License-Identifier: MIT
-- A host that needs DTR, CTS and RI has them on a pty.
scenario("A host drops DTR and hears the ring of a URC", function(t)
  local modem = t:modem { dialect = "gpp" }

  modem:wait_power("on")
  local host = t:host { "at-lines", modem.tty }
  host:expect_output("open: DTR RTS CTS DSR DCD")
  host:expect_output("DTR dropped: RTS CTS DSR DCD")
  host:expect_output("DTR raised: DTR RTS CTS DSR DCD", { within = "2s" })
  t:let_pass("10s")
  modem:urc("+CREG: 1")
  host:expect_output("ring: DTR RTS CTS DSR DCD RI")
  host:expect_output("ring over: DTR RTS CTS DSR DCD", { within = "1s" })
  host:expect_exit(0)
end)
