-- SPDX-License-Identifier: MIT
-- What a failure tells: values in a readable form, and the rows below its message.
local hw = ...
local trace = hw.trace

local TAIL_LINES = 12     -- of "since then"
local LINE_MAX = 200      -- characters of one line of the record
local MATCHED_LINES = 3   -- of "matched so far"
local DIFFERENCE_MAX = 12 -- lines of a comparison of tables
local DEPTH_MAX = 6
local TEXT_MAX = 2000

hw.failure = {}

-- ---- values ----

local function is_name(key)
  return type(key) == "string" and key:find("^[%a_][%w_]*$") ~= nil
end

local function show(value, depth)
  if type(value) == "string" then return '"' .. hw.visible(value):gsub('"', '\\"') .. '"' end
  if type(value) ~= "table" then return tostring(value) end
  local meta = getmetatable(value)
  if type(meta) == "table" and meta.__tostring then return tostring(value) end
  if depth >= DEPTH_MAX then return "{...}" end
  local parts, count = {}, #value
  for i = 1, count do parts[i] = show(value[i], depth + 1) end
  for _, key in ipairs(hw.sorted_keys(value)) do
    if not (math.type(key) == "integer" and key >= 1 and key <= count) then
      local name = is_name(key) and key or "[" .. show(key, depth + 1) .. "]"
      parts[#parts + 1] = name .. " = " .. show(value[key], depth + 1)
    end
  end
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

---A value as a person would write it in Lua.
---@param value any
---@return string
function hw.failure.show(value)
  local text = show(value, 0)
  return #text <= TEXT_MAX and text or text:sub(1, TEXT_MAX) .. "..."
end

local function compare(got, want, path, out, depth)
  if #out > DIFFERENCE_MAX or rawequal(got, want) then return end
  if type(got) ~= "table" or type(want) ~= "table" then
    if got ~= want then
      out[#out + 1] = ("%s: got %s, wanted %s"):format(path, hw.failure.show(got), hw.failure.show(want))
    end
    return
  end
  if depth > 32 then return end -- tables that hold themselves
  local keys = {}
  for key in pairs(got) do keys[key] = true end
  for key in pairs(want) do keys[key] = true end
  for _, key in ipairs(hw.sorted_keys(keys)) do
    local name = is_name(key) and "." .. key or "[" .. hw.failure.show(key) .. "]"
    compare(got[key], want[key], path .. name, out, depth + 1)
  end
end

---Where two values differ: empty when they are equal.
---@return string[] lines
function hw.failure.differences(got, want)
  local out = {}
  compare(got, want, "", out, 0)
  if #out > DIFFERENCE_MAX then out[#out] = "..." end
  return out
end

-- ---- rows ----

local function cut(line)
  return #line <= LINE_MAX and line or line:sub(1, LINE_MAX) .. "..."
end

---A row, unless there is nothing to say.
---@param rows string[][]
function hw.failure.add(rows, label, text)
  if text ~= nil and text ~= "" then rows[#rows + 1] = { label, text } end
end

---What there is to know of the other side of a modem's tty when it keeps silent: "; it is alive, the tty is open at
---115200". The words about processes come from the harness, through hw.host_words.
---@return string
function hw.failure.other_side(modem)
  local tty, baud = hw.modem.tty_state(modem)
  local words = {}
  if hw.host_words then words[1] = hw.host_words() end
  words[#words + 1] = "the tty is " .. tty .. (baud > 0 and " at " .. baud or "")
  if modem.power ~= "on" then words[#words + 1] = ("%s is %s"):format(modem.name, modem.power) end
  return "; " .. table.concat(words, ", ")
end

---"matched so far": the scenario's last successful expectations.
function hw.failure.add_matched(rows, matched)
  local lines = {}
  for i = math.max(1, #matched - MATCHED_LINES + 1), #matched do
    local hit = matched[i]
    -- A call from another language has no line.
    local line = hit.line > 0 and ("line %-4d "):format(hit.line) or ""
    lines[#lines + 1] = ("%s%-24s at %s"):format(line, hw.visible(hit.text), hw.clock(hit.t_us))
  end
  hw.failure.add(rows, "matched so far", #lines > 0 and table.concat(lines, "\n") or "nothing")
end

---"since then": the last lines of the record from `from` on.
function hw.failure.add_tail(rows, from)
  local lines, left_out = trace.tail(from, TAIL_LINES)
  for i, line in ipairs(lines) do lines[i] = cut(line) end
  if left_out > 0 then table.insert(lines, 1, ("(%d earlier lines are left out)"):format(left_out)) end
  hw.failure.add(rows, "since then", #lines > 0 and table.concat(lines, "\n") or "nothing happened")
end

local function common_prefix(a, b)
  local length = math.min(#a, #b)
  for i = 1, length do
    if a:byte(i) ~= b:byte(i) then return i - 1 end
  end
  return length
end

---Of the texts of a kind since `from`, the one that is most like `wanted`: the longest common beginning, then the
---fewest edits, then the latest.
---@return {text: string, t_us: integer, common: integer}?
local function nearest(kind, who, from, wanted, normal)
  local best
  local seq, data, t_us = trace.find(kind, who, from)
  while seq do
    local text = normal(data)
    local common, edits = common_prefix(text, wanted), hw.distance(text, wanted)
    if not best or common > best.common or (common == best.common and edits <= best.edits) then
      best = { text = data, t_us = t_us, common = common, edits = edits }
    end
    seq, data, t_us = trace.find(kind, who, seq + 1)
  end
  return best
end

---"nearest": the closest miss since `from`.
---@param normal fun(text: string): string
function hw.failure.add_nearest(rows, kind, who, from, wanted, normal)
  local best = nearest(kind, who, from, normal(wanted), normal)
  if best then
    hw.failure.add(rows, "nearest", ("%s  at %s, differs at byte %d"):format(
      hw.visible(best.text), hw.clock(best.t_us), best.common + 1))
  end
end

---"earlier": what was wanted did come, but before the place from which the wait looked.
---@param test fun(data: string, t_us: integer, who: string): any
function hw.failure.add_earlier(rows, kind, who, before, test)
  local found, found_t
  local seq, data, t_us, from = trace.find(kind, who, 0)
  while seq and seq < before do
    if test(data, t_us, from) then found, found_t = data, t_us end
    seq, data, t_us, from = trace.find(kind, who, seq + 1)
  end
  if found then
    hw.failure.add(rows, "earlier", ("%s  at %s, before the last match"):format(hw.visible(found), hw.clock(found_t)))
  end
end
