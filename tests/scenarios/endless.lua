-- SPDX-License-Identifier: MIT
scenario("it ends", function()
  local count = 0
  while true do
    count = count + 1
  end
end)
