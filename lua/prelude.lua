-- SPDX-License-Identifier: MIT
-- The core of the Lua half: waiting, options, failures. All that scripts see is built on it.
-- `hw` is the internal table; its C functions are in hw.c, hw_trace.c, load.c and the bindings.
local hw = ...

---The keys of a table as sorted texts: the one order in which tables are looked at.
---@param tbl table
---@return any[] keys
function hw.sorted_keys(tbl)
  local keys = {}
  for key in pairs(tbl) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if math.type(a) == "integer" and math.type(b) == "integer" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

---'; did you mean "within"?', or nothing.
---@param word string
---@param list string[]
---@return string
function hw.did_you_mean(word, list)
  local nearest = hw.nearest(word, list)
  return nearest and ('; did you mean "%s"?'):format(nearest) or ""
end

---Check a table of named options.
---@param given table?
---@param names string[]
---@param what string   the function, "modem:expect"
---@return table        the options; empty for nil
function hw.options(given, names, what)
  if given == nil then return {} end
  if type(given) ~= "table" then
    hw.usage(('%s: options are a table, such as { %s = ... }, not a %s'):format(what, names[1], type(given)))
  end
  local known = {}
  for _, name in ipairs(names) do known[name] = true end
  for _, key in ipairs(hw.sorted_keys(given)) do
    if not known[key] then
      hw.usage(('%s: unknown option "%s"%s'):format(what, tostring(key), hw.did_you_mean(tostring(key), names)))
    end
  end
  return given
end

---Check an argument's type.
---@param value any
---@param wanted string  a type of Lua
---@param what string    "t:spawn: the function"
function hw.check_type(value, wanted, what)
  if type(value) ~= wanted then
    hw.usage(("%s must be a %s, not a %s"):format(what, wanted, type(value)))
  end
  return value
end

---Check that a value is one of some words.
---@param value any
---@param words string[]
---@param what string    "modem:power_cut: policy"
---@return string
function hw.check_word(value, words, what)
  for _, word in ipairs(words) do
    if word == value then return word end
  end
  return hw.usage(('%s: there is no "%s"%s'):format(what, tostring(value), hw.did_you_mean(tostring(value), words)))
end

---The limit of a wait in microseconds.
---@param opts table?
---@param default string
---@return integer
function hw.limit(opts, default)
  local within = opts and opts.within
  if within == nil then within = default end
  return hw.duration(within, "within")
end

---The same as a point of modem time.
---@param opts table?
---@param default string
---@return integer
function hw.deadline(opts, default)
  return hw.now() + hw.limit(opts, default)
end

---Wait until check(last) is true; `last` is the modem time at which it is too late. Returns its value, or nil at
---the deadline. When modem time is scaled, a limit is stretched to leave the host, whose speed is real, at least
---two seconds of wall time (or the limit itself, if that is shorter): see engine.c.
---@param check fun(last: integer): any
---@param deadline integer  modem time in us
---@param kind? string  what check() looks at are records of this kind and no more
---@return any
function hw.await(check, deadline, kind)
  hw.may_wait()
  local last, is_same = hw.graced(deadline), false
  while true do
    local value = check(last)
    if value then return value end
    if hw.now() >= last then return nil end
    hw.yield(last, kind, is_same)
    is_same = true
  end
end

---Let modem time pass.
---@param us integer
function hw.pause(us)
  hw.may_wait()
  local over = hw.now() + us
  repeat hw.yield(over) until hw.now() >= over
end

---Fail the scenario: the host did wrong.
---@param failure {message: string, rows?: string[][], because?: string, level?: integer}
function hw.fail(failure)
  local message = failure.message
  if failure.because ~= nil then
    hw.check_type(failure.because, "string", "because")
    message = ("%s  (%s)"):format(message, failure.because)
  end
  hw.raise("fail", message, failure.rows)
end
