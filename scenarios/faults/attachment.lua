-- SPDX-License-Identifier: MIT
-- How the module is attached: the tty of a UART stays without power, that of USB goes and comes back as another one.
local upgrade = require "upgrade"

for _, attachment in ipairs { "uart", "usb" } do
  scenario("The host finds a module on " .. attachment .. " again", function(t)
    local modem = upgrade.modem(t, { attachment = attachment, usb_number = "other" })
    local before, again = modem.tty, nil
    modem:fault "bc26.fota.download@40%=power_cut"
    t:spawn(function()
      modem:wait_power("off", { within = "10m" })
      t:equal(modem.tty, attachment == "uart" and before or nil)
      modem:power_on { after = "3s" }
      modem:wait_power("on", { within = "1m" })
      again = modem.tty
    end)
    upgrade.finish(t, modem, t:tty_link())
    t:equal(again == before, attachment == "uart", "another number on USB")
  end)
end
