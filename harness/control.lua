-- SPDX-License-Identifier: MIT
-- The methods of `hayeswire serve` that act on modems and servers: names and JSON on the outside, and the functions
-- that scenarios call on the inside, so that words and error texts are the same. What concerns time, events and the
-- connection is in control_native.c.
--
-- A method has a specification of its parameters, "name:type, ...", with "?" behind what may be left out and "*" for
-- further ones; control.c checks requests against it before anything here runs.
local hw = ...

local prim = hw.class("HarnessPrimitives")

local modems, modem_order = {}, {}
local servers, server_order = {}, {}
local packages, platforms = {}, {}
local package_count = 0

local specs, functions = {}, {}

local function method(name, spec, run)
  specs[name], functions[name] = spec, run
end

-- ---- names ----

local function find(kind, known, order, name)
  if name == nil then
    if #order == 1 then return known[order[1]] end
    hw.usage(("which %s? There are %d; give its name"):format(kind, #order))
  end
  if not known[name] then
    hw.usage(('no %s "%s"%s'):format(kind, name, hw.did_you_mean(name, order)))
  end
  return known[name]
end

local function modem_of(p) return find("modem", modems, modem_order, p.name) end
local function server_of(p) return find("server", servers, server_order, p.server) end

local function without(params, ...)
  local rest = {}
  for key, value in pairs(params) do rest[key] = value end
  for _, key in ipairs { ... } do rest[key] = nil end
  return rest
end

---A text, or {"pattern": "..."}.
local function matchable(what)
  if type(what) == "table" and type(what.pattern) == "string" then return hw.match.pat(what.pattern) end
  return what
end

---Each character U+0000 to U+00FF is one byte.
local function bytes_of(text, caller)
  local bytes = {}
  for _, code in utf8.codes(text) do
    if code > 255 then hw.usage(caller .. ": bytes are the characters U+0000 to U+00FF") end
    bytes[#bytes + 1] = string.char(code)
  end
  return table.concat(bytes)
end

local function command_result(cmd)
  return { text = cmd.text, name = cmd.name, args = cmd.args, t_us = cmd.t_us, line = cmd.line }
end

-- ---- modems ----

local function ttys_of(modem)
  local ttys = {}
  for i, line in ipairs(prim.line_names(modem)) do ttys[i] = { line = line, tty = modem:tty_of(line) } end
  return ttys
end

local function describe(modem)
  return {
    name = modem.name, dialect = modem.dialect, power = modem.power, firmware = modem.firmware, fota = modem.fota,
    imei = modem.imei, boots = modem.boots, tty = modem.tty, ttys = ttys_of(modem),
  }
end

method("modem.open", "dialect:string?, name:string?, quirks:list?, power:boolean?, *", function(p, t)
  local modem = t:modem(p)
  modems[modem.name] = modem
  modem_order[#modem_order + 1] = modem.name
  return describe(modem)
end)

method("modem.close", "name:string?", function(p)
  local modem = modem_of(p)
  local name = modem.name
  modem:power_cut()
  modem:detach()
  modems[name] = nil
  for i, other in ipairs(modem_order) do
    if other == name then table.remove(modem_order, i) end
  end
end)

method("modem.tty_link", "", function(_, t) return t:tty_link() end)

method("modem.list", "", function()
  local list = {}
  for i, name in ipairs(modem_order) do list[i] = describe(modems[name]) end
  return list
end)

method("modem.get", "name:string?", function(p) return describe(modem_of(p)) end)

method("modem.set", "name:string?, signal:integer?, network:string?", function(p)
  local modem = modem_of(p)
  if p.signal ~= nil then modem:signal(p.signal) end
  if p.network ~= nil then modem:network(p.network) end
end)

method("modem.urc", "name:string?, text:string, line:string?", function(p) modem_of(p):urc(p.text, p.line) end)

method("modem.raw", "name:string?, bytes:string, line:string?", function(p)
  modem_of(p):raw(bytes_of(p.bytes, "modem.raw"), p.line)
end)

method("modem.power", "name:string?, to:string, policy:string?, after:duration?", function(p)
  local modem = modem_of(p)
  hw.check_word(p.to, { "on", "cut", "reset" }, "modem.power: to")
  if p.policy ~= nil and p.to ~= "cut" then hw.usage("modem.power: policy belongs to a cut") end
  if p.to == "on" then
    modem:power_on { after = p.after }
    return
  end
  if p.after ~= nil then hw.pause(hw.duration(p.after, "after")) end
  if p.to == "cut" then modem:power_cut { policy = p.policy } else modem:reset() end
end)

method("modem.link", "name:string?, to:string", function(p)
  local modem = modem_of(p)
  if hw.check_word(p.to, { "attach", "detach" }, "modem.link: to") == "attach" then
    modem:attach()
  else
    modem:detach()
  end
end)

-- ---- commands ----

method("modem.expect", "name:string?, what:any, within:duration?, because:string?", function(p)
  return command_result(modem_of(p):expect(matchable(p.what), without(p, "name", "what")))
end)

method("modem.expect_any", "name:string?, what:list, within:duration?, because:string?", function(p)
  local given = without(p, "name", "what")
  for i, what in ipairs(p.what) do given[i] = matchable(what) end
  local index, cmd = modem_of(p):expect_any(given)
  local result = command_result(cmd)
  result.index = index - 1
  return result
end)

method("modem.expect_all", "name:string?, what:list, within:duration?, because:string?", function(p)
  local given, results = without(p, "name", "what"), {}
  for i, what in ipairs(p.what) do given[i] = matchable(what) end
  for i, cmd in ipairs(modem_of(p):expect_all(given)) do results[i] = command_result(cmd) end
  return results
end)

method("modem.never", "name:string?, what:any, for:duration?, because:string?", function(p)
  modem_of(p):never(matchable(p.what), { for_ = p["for"], because = p.because })
end)

method("modem.count", "name:string?, what:any", function(p) return modem_of(p):count(matchable(p.what)) end)

method("modem.script", "name:string?, text:string, within:duration?, because:string?", function(p)
  modem_of(p):script(p.text, without(p, "name", "text"))
end)

method("modem.transcript", "name:string?", function(p) return modem_of(p):transcript() end)

-- ---- commands that the client answers ----

local questions, question_count = {}, 0
local ANSWER_LIMIT_US = 60000000

local function ask(modem, cmd)
  question_count = question_count + 1
  local id = question_count
  questions[id] = {}
  prim.notify("call", {
    call = id, name = modem.name, command = command_result(cmd),
  })
  hw.await(function() return questions[id].answered end, hw.now() + ANSWER_LIMIT_US)
  local question = questions[id]
  questions[id] = nil
  if not question.answered then return nil, false end
  return question.info, question.result
end

method("modem.on", "name:string?, command:string, info:any?, result:string?, ask:boolean?", function(p)
  local modem = modem_of(p)
  if p.ask and (p.info ~= nil or p.result ~= nil) then
    hw.usage("modem.on: with ask the answer comes by modem.answer, not by info and result")
  end
  modem:on(p.command, function(cmd)
    if p.ask then return ask(modem, cmd) end
    return p.info, p.result
  end)
end)

method("modem.off", "name:string?, command:string", function(p) modem_of(p):on(p.command, nil) end)

method("modem.answer", "call:integer, info:any?, result:string?", function(p)
  local question = questions[p.call]
  if not question or question.answered then hw.usage(("modem.answer: no call %d waits"):format(p.call)) end
  question.answered, question.info, question.result = true, p.info, p.result
  hw.wake()
end)

-- ---- URCs and states ----

method("modem.wait_urc", "name:string?, what:any, within:duration?, because:string?, line:string?", function(p)
  return modem_of(p):wait_urc(matchable(p.what), without(p, "name", "what"))
end)

method("modem.wait_power", "name:string?, state:string, within:duration?, because:string?", function(p)
  modem_of(p):wait_power(p.state, without(p, "name", "state"))
end)

method("modem.wait_fota", "name:string?, state:string, within:duration?, because:string?", function(p)
  modem_of(p):wait_fota(p.state, without(p, "name", "state"))
end)

-- ---- typing at it ----

method("modem.type", "name:string?, text:string, line:string?, within:duration?", function(p, t)
  t:terminal(modem_of(p), p.line):type(p.text, { within = p.within })
end)

method("modem.send", "name:string?, bytes:string, line:string?, within:duration?", function(p, t)
  t:terminal(modem_of(p), p.line):send(bytes_of(p.bytes, "modem.send"), { within = p.within })
end)

method("modem.poll", "name:string?, text:string, wanted:string, line:string?, within:duration?", function(p, t)
  t:terminal(modem_of(p), p.line):poll(p.text, p.wanted, { within = p.within })
end)

method("modem.rouse", "name:string?, line:string?, within:duration?", function(p, t)
  t:terminal(modem_of(p), p.line):rouse { within = p.within }
end)

-- ---- faults ----

method("fault.add", "modem:string?, fault:string", function(p) modem_of { name = p.modem }:fault(p.fault) end)

method("fault.list", "modem:string?", function(p)
  local list = {}
  for _, name in ipairs(modem_order) do
    if p.modem == nil or p.modem == modem_of({ name = p.modem }).name and p.modem == name then
      for _, fault in ipairs(prim.faults(modems[name])) do
        fault.modem = name
        list[#list + 1] = fault
      end
    end
  end
  return list
end)

method("fault.clear", "modem:string?", function(p)
  if p.modem ~= nil then
    modem_of { name = p.modem }:clear_faults()
    return
  end
  for _, name in ipairs(modem_order) do modems[name]:clear_faults() end
end)

-- ---- packages and servers ----

local function package_of(name)
  local order = hw.sorted_keys(packages)
  return find("package", packages, order, name)
end

local function keep_package(package)
  package_count = package_count + 1
  local name = "package" .. package_count
  packages[name] = package
  return { name = name, size = package.size }
end

method("package.make", "dialect:string?, from:string?, to:string, size:any?", function(p, t)
  return keep_package(t:package(p))
end)

method("package.read", "dialect:string?, from:string?, to:string, file:string", function(p, t)
  if p.file:sub(1, 1) ~= "/" then hw.usage("package.read: file: write the whole path") end
  return keep_package(t:package(p))
end)

method("package.damage", "package:string?, at:integer?", function(p)
  return keep_package(package_of(p.package):damaged { at = p.at })
end)

method("http.serve", "port:integer?, dir:string?, ipv6:boolean?, certificate:string?, key:string?, client_ca:string?",
  function(p, t)
  local server = t:http(p)
  local name = "http" .. (#server_order > 0 and #server_order + 1 or "")
  servers[name] = server
  server_order[#server_order + 1] = name
  return { name = name, url = server.url, port = server.port }
end)

method("http.publish", "server:string?, path:string, package:string?, text:string?, habit:object?", function(p)
  if (p.package == nil) == (p.text == nil) then hw.usage("http.publish: give a package or a text") end
  return { url = server_of(p):publish(p.path, p.text or package_of(p.package), p.habit) }
end)

method("http.publish_folder", "server:string?, path:string, package:string?, settings:object?", function(p)
  return { url = server_of(p):publish_folder(p.path, package_of(p.package), p.settings) }
end)

method("http.certificates", "names:string?", function(p, t) return t:certificates(p.names) end)

method("http.requests", "server:string?", function(p) return server_of(p):requests() end)

method("http.expect_request", "server:string?, path:any, within:duration?, because:string?", function(p)
  return server_of(p):expect_request(matchable(p.path), without(p, "server", "path"))
end)

method("http.down", "server:string?", function(p) server_of(p):down() end)
method("http.up", "server:string?", function(p) server_of(p):up() end)

method("resolve", "host:string, server:string?", function(p, t) t:resolve(p.host, server_of(p)) end)

-- ---- the vendors' platforms ----

method("platform.open", "platform:string, options:object?", function(p, t)
  platforms[p.platform] = t:platform(p.platform, p.options)
end)

---Any function of the platform's class; a {"package": "package1"} among the arguments is that package.
method("platform.call", "platform:string, function:string, args:list?", function(p)
  local platform = find("platform", platforms, hw.sorted_keys(platforms), p.platform)
  local args = p.args or {}
  for i, arg in ipairs(args) do
    if type(arg) == "table" then
      if type(arg.package) == "string" then arg.package = package_of(arg.package) end
      if next(arg) == "package" and next(arg, "package") == nil then args[i] = arg.package end
    end
  end
  local run = platform[p["function"]]
  if type(run) ~= "function" then return run end
  return run(platform, table.unpack(args))
end)

-- ---- the record ----

method("report.mark", "text:string", function(p, t) t:note(p.text) end)

method("pause", "time:duration", function(p) hw.pause(hw.duration(p.time, "pause")) end)

---Run a method, in a task of its own.
prim.serve_methods(specs, function(t, name, params) return functions[name](params, t) end)
