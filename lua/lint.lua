-- SPDX-License-Identifier: MIT
-- What a look at the text of a scenario finds: calls of methods that no class has. A scan of tokens, not a parser: it
-- knows comments and strings, and accepts every method name that the file or a module that it loaded defines.
local hw = ...

---Blank out comments and the insides of strings, so that positions and lines stay as they are.
local function strip(source)
  local out, position = {}, 1
  local function blank(text)
    out[#out + 1] = text:gsub("[^\n]", " ")
  end
  while position <= #source do
    local start = source:find("[-\"'%[]", position)
    if not start then break end
    out[#out + 1] = source:sub(position, start - 1)
    local from, level = source:match("^%-?%-?()%[(=*)%[", start)
    local stop
    if from and (from == start or from == start + 2) then
      local _, last = source:find("]" .. level .. "]", from, true)
      stop = last or #source
    elseif source:sub(start, start + 1) == "--" then
      stop = (source:find("\n", start, true) or #source + 1) - 1
    elseif source:find("^[\"']", start) then
      local quote = source:sub(start, start)
      stop = start + 1
      while stop <= #source and source:sub(stop, stop) ~= quote do
        stop = stop + (source:sub(stop, stop) == "\\" and 2 or 1)
      end
    end
    if stop then
      -- A string keeps its first character, so that x:name"..." is still seen as a call.
      out[#out + 1] = source:find("^%-%-", start) and " " or source:sub(start, start)
      blank(source:sub(start + 1, stop))
      position = stop + 1
    else
      out[#out + 1] = source:sub(start, start)
      position = start + 1
    end
  end
  out[#out + 1] = source:sub(position)
  return table.concat(out)
end

local function add_functions(known, tbl)
  for key, value in pairs(tbl) do
    if type(key) == "string" and type(value) == "function" then known[key] = true end
  end
end

local function known_methods(text)
  local known = {}
  for _, name in ipairs(hw.class_names()) do add_functions(known, hw.class(name)) end
  local official = hw.sorted_keys(known) -- spelling help names only these
  add_functions(known, string)
  known.wait = true -- of a spawned task
  for _, module in pairs(hw.modules) do
    if type(module) == "table" then add_functions(known, module) end
  end
  for name in text:gmatch("function%s+[%w_%.]+[:%.]([%a_][%w_]*)") do known[name] = true end
  for name in text:gmatch("([%a_][%w_]*)%s*=%s*function") do known[name] = true end
  return known, official
end

---@param source string
---@return {[1]: integer, [2]: string}[]  line and message
function hw.lint(source)
  local text, findings = strip(source), {}
  local known, official = known_methods(text)
  local line, counted = 1, 1
  for before, name, position in text:gmatch("([^:]):%s*([%a_][%w_]*)()") do
    -- What follows tells a call from a label or a function's head.
    if before ~= "" and text:find("^%s*[%(%{\"'%[]", position) and not known[name] then
      local _, newlines = text:sub(counted, position - 1):gsub("\n", "")
      line, counted = line + newlines, position
      local message = ('nothing has a function "%s"%s'):format(name, hw.did_you_mean(name, official))
      findings[#findings + 1] = { line, message }
    end
  end
  return findings
end
