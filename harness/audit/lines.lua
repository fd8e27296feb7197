-- SPDX-License-Identifier: MIT
-- Rules of the AT line that hosts of every module have to keep, whatever its guide is about.
local hw = ...

local select, book_class = hw.audit.select, hw.audit.book_class

local function play(disturb)
  return function(s)
    s.book.set_up(s)
    disturb(s)
    s:start()
    s:finish "5m"
  end
end

---Add the rules of the line. book.set_up(s) sets up modem and package, without starting the host.
---@param prefix string  of their names, "bc"
---@param echo string    the command that switches the echo, "ATE"
function book_class:line_rules(prefix, echo)
  self:stimulus("split-lines", "lines reach the host in two pieces", play(function(s)
    s.modem:fault 'line.tx@"\\r\\n\\r\\nO"*9999=stall:100ms'
    for _, text in ipairs(s.book.split_at or {}) do s.modem:fault(('line.tx@"%s"=stall:500ms'):format(text)) end
  end))

  self:stimulus("echo-stays", "the module goes on echoing", play(function(s)
    s.modem:on(echo, function() return nil end)
  end))

  self:rule {
    id = prefix .. ".split-lines", level = "must",
    sentence = "A line is over at its line end: it may reach the host in several pieces.",
    expects = "the success of the upgrade, as with whole lines",
    source = "V.250 5.7: the formatting characters end a result", stimulus = "split-lines",
    needs = "an OK reaches the host in two pieces",
    monitor = function(m)
      m:succeeds(m:first(select.fault()), "after a line had come in two pieces")
    end,
  }

  self:rule {
    id = prefix .. ".echo", level = "must",
    sentence = "The echo of a command is not its reply; it is on after each start.",
    expects = "the success of the upgrade; a reply is read behind the echo",
    source = "V.250 6.2.4: E1 is the usual setting", stimulus = "echo-stays",
    needs = "the module echoes more than the first commands",
    monitor = function(m)
      m:succeeds(m:first(select.said { pattern = "^AT[%+%^]" }), "on a line with echo")
    end,
  }
end
