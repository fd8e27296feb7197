-- SPDX-License-Identifier: MIT
-- What a wait can look for: a command or an URC by its text, by a pattern, or by a function.
local hw = ...

hw.match = {}

-- ---- pat"..." ----

local Pattern = { __name = "pattern", __metatable = false }
Pattern.__tostring = function(self) return 'pat"' .. self.pattern .. '"' end

---A Lua pattern, for whatever takes a text to wait for. It may match anywhere in the text.
---@param pattern string
---@return table
function hw.match.pat(pattern)
  hw.check_type(pattern, "string", "pat")
  local ok, message = pcall(string.find, "", pattern)
  if not ok then hw.usage(("pat: %s"):format((message:gsub("^.-:%d+: ", "")))) end
  return setmetatable({ pattern = pattern, is_pattern = true }, Pattern)
end

local function is_pattern(what)
  return type(what) == "table" and rawget(what, "is_pattern") == true
end

-- ---- commands ----

---A command's text with its name in upper case: names compare in either case, arguments do not.
---@param text string
---@return string
function hw.match.normal(text)
  local name, rest = text:match("^([^=?]*)(.*)$")
  return name:upper() .. rest
end

local COMMAND_FIELDS = { "text", "name", "args", "t_us", "line", "data" }
local Command = { __name = "command", __metatable = false }
Command.__tostring = function(self) return self.text end
Command.__index = function(_, key)
  if key ~= "args" and key ~= "data" then
    hw.usage(('a command has no "%s"%s'):format(tostring(key), hw.did_you_mean(tostring(key), COMMAND_FIELDS)))
  end
end

---@class hayeswire.Command
---@field text string   as the host wrote it, "AT+CSQ"
---@field name string   in upper case and without AT, "+CSQ"
---@field args string?  what follows the "="
---@field t_us integer  modem time in microseconds
---@field line string   where it came in: the modem's name, or "name.line"
---@field data string|false?  what followed a prompt that modem:on() gave; false when ESC ended it

---@return hayeswire.Command
function hw.match.new_command(text, t_us, line, data)
  local name = hw.match.normal(text):match("^AT([^=?]*)") or ""
  return setmetatable({ text = text, name = name, args = text:match("=(.*)$"), t_us = t_us, line = line, data = data },
    Command)
end

-- A ';' outside quotes separates commands: a single command never holds one.
local function has_chain(text)
  return text:gsub('"[^"]*"?', ""):find(";", 1, true) ~= nil
end

local function check_command_text(text, what)
  if not text:find("^[Aa][Tt/]") then
    hw.usage(('%s: a command begins with AT: write "AT%s"'):format(what, text))
  end
  if text:find("[\r\n]") then hw.usage(what .. ": write the command without its line end") end
  if has_chain(text) then
    hw.usage(what .. ": each command of a chain comes by itself: expect the parts one after the other")
  end
end

---@class hayeswire.Matcher
---@field show string      how a message names it
---@field literal string?  the text that was wanted
---@field test fun(data: string, t_us: integer, who: string): any

---A literal matches the whole command; one that ends in "=" matches every command that begins so.
---@param what string|table|fun(cmd: hayeswire.Command): boolean
---@param caller string
---@return hayeswire.Matcher
function hw.match.command(what, caller)
  if type(what) == "string" then
    check_command_text(what, caller)
    local wanted, open = hw.match.normal(what), what:sub(-1) == "="
    return {
      show = '"' .. hw.visible(what) .. '"', literal = what,
      test = function(data)
        local text = hw.match.normal(data)
        return text == wanted or (open and text:sub(1, #wanted) == wanted)
      end,
    }
  elseif is_pattern(what) then
    return { show = tostring(what), test = function(data) return hw.match.normal(data):find(what.pattern) end }
  elseif type(what) == "function" then
    return {
      show = "a command that the function accepts",
      test = function(data, t_us, who)
        hw.acted()
        return what(hw.match.new_command(data, t_us, who))
      end,
    }
  end
  return hw.usage(('%s: give a command such as "AT+CSQ", a pat"..." or a function, not a %s'):format(caller,
    type(what)))
end

---A literal matches every URC that begins with it.
---@param what string|table|fun(text: string): boolean
---@param caller string
---@return hayeswire.Matcher
function hw.match.urc(what, caller)
  if type(what) == "string" then
    if what == "" then hw.usage(caller .. ": the text is empty") end
    return {
      show = '"' .. hw.visible(what) .. '"', literal = what,
      test = function(data) return data:sub(1, #what) == what end,
    }
  elseif is_pattern(what) then
    return { show = tostring(what), test = function(data) return data:find(what.pattern) end }
  elseif type(what) == "function" then
    return {
      show = "an URC that the function accepts",
      test = function(...)
        hw.acted()
        return what(...)
      end,
    }
  end
  return hw.usage(('%s: give a text, a pat"..." or a function, not a %s'):format(caller, type(what)))
end
