-- SPDX-License-Identifier: MIT
-- The tty is a tty for any program: here for socat, which passes on what it is given.
scenario("socat types AT and gets OK", function(t)
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" } }

  modem:wait_power("on", { within = "1m" })
  local host = t:host { "sh", "-c", [[printf 'AT\r' | socat -t 3 - "$1",raw,echo=0]], "sh", modem.tty }
  modem:expect("AT", { within = "2m" })
  host:expect_output("OK", { within = "2m" })
  host:expect_exit(0, { within = "5m" })
end)
