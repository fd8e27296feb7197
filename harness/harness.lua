-- SPDX-License-Identifier: MIT
-- What waits, checks and explains around hosts and servers; the processes and sockets are in
-- actors.c. `hw` is the engine's internal table.
local hw = ...

local prim = hw.class("HarnessPrimitives")
local Test, Host, Server = hw.class("Test"), hw.class("Host"), hw.class("Server")

local function quoted(text)
  return '"' .. hw.visible(text) .. '"'
end

-- The part of a mixed table that has names.
local function named_part(tbl)
  local named = {}
  for key, value in pairs(tbl) do
    if type(key) ~= "number" then
      named[key] = value
    end
  end
  return named
end

local function check_type(value, wanted, what)
  if value ~= nil and type(value) ~= wanted then
    hw.usage(("%s: a %s was expected, got a %s"):format(what, wanted, type(value)))
  end
  return value
end

local function check_integer(value, what, low, high)
  if value ~= nil and (math.type(value) ~= "integer" or value < low or value > high) then
    hw.usage(("%s: an integer from %d to %d was expected"):format(what, low, high))
  end
  return value
end

local DEFAULT_LIMIT = "10s"

local function limit_text(opts)
  return hw.span(hw.limit(opts, DEFAULT_LIMIT))
end

-- What output and paths are compared with: a text somewhere in them, a pat"...", a function.
local function text_matcher(what, caller)
  if type(what) == "string" then
    return function(text)
      return text:find(what, 1, true) ~= nil
    end, quoted(what)
  elseif type(what) == "table" and rawget(what, "is_pattern") then
    return function(text)
      return text:find(what.pattern) ~= nil
    end, tostring(what)
  elseif type(what) == "function" then
    return function(text)
      hw.acted()
      return what(text)
    end, "a line that the function accepts"
  end
  return hw.usage(('%s: give a text, a pat"..." or a function, not a %s'):format(caller, type(what)))
end

----------------------------------------------------------------------------------------------------
-- hosts

local hosts = {} -- all that were started
hw.made.hosts = hosts

local function words_of(spec)
  local words = {}
  for index, word in ipairs(spec) do
    if type(word) ~= "string" and type(word) ~= "number" then
      hw.usage(("t:host: word %d of the command is a %s; write a string"):format(index, type(word)))
    end
    words[index] = tostring(word)
    if words[index]:find("\0", 1, true) then
      hw.usage(("t:host: word %d of the command holds a zero byte"):format(index))
    end
  end
  return #words > 0 and words or nil
end

local function variables_of(env)
  local names, variables = {}, {}
  for name, value in pairs(check_type(env, "table", "t:host: env") or {}) do
    if type(name) ~= "string" or name == "" or name:find("[=%z]") then
      hw.usage('t:host: env: write { NAME = "value" }')
    end
    if type(value) ~= "string" and type(value) ~= "number" then
      hw.usage(("t:host: env: %s is a %s; write a string"):format(name, type(value)))
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for index, name in ipairs(names) do
    variables[index] = name .. "=" .. tostring(env[name])
  end
  return variables
end

-- The modem whose supply the host shares, or nil.
local function supply_of(spec)
  for _, made in ipairs(hw.made.modems) do
    if made.shared_supply then
      return spec.shared_supply ~= false and made.modem.name or nil
    end
  end
  if spec.shared_supply and #hw.made.modems == 0 then
    hw.usage("t:host: shared_supply: with which modem? Call t:modem{} before t:host")
  end
  return spec.shared_supply and hw.made.modems[1].modem.name or nil
end

---Start the program under test. What stands after -- on the command line takes the place of this
---command, unless it is fixed; without either there is none.
---With shared_supply, of its own or of a modem, it is killed when the modem's supply goes, and started with it again.
---@param spec? {[integer]: string|number, env?: table<string, string|number>, fixed?: boolean, shared_supply?: boolean}
---@return Host
function Test.host(_, spec)
  spec = check_type(spec, "table", "t:host") or {}
  hw.options(named_part(spec), { "env", "fixed", "shared_supply" }, "t:host")
  check_type(spec.fixed, "boolean", "t:host: fixed")
  check_type(spec.shared_supply, "boolean", "t:host: shared_supply")
  local host = prim.start(words_of(spec), variables_of(spec.env), spec.fixed or false, supply_of(spec))
  hosts[#hosts + 1] = host
  return host
end

-- Row "since then": what was recorded while a wait took its time.
local function rows_since(from)
  local rows = {}
  hw.failure.add_tail(rows, from)
  return rows
end

local function ending_text(host)
  local status, signal = prim.ending(host)
  if signal then
    return "was killed by SIG" .. signal
  end
  return "exited with " .. tostring(status)
end

---How the hosts are, for the first line of a failure: "it is alive"; nil without any.
---@return string?
function hw.host_words()
  local words = {}
  for index, host in ipairs(hosts) do
    local subject = #hosts == 1 and "it" or host.name
    words[index] = subject .. " " .. (host:running() and "is alive" or ending_text(host))
  end
  return #words > 0 and table.concat(words, ", ") or nil
end

---Wait for the end of the host. status is an exit status, the name of a signal that is to have
---killed it ("SIGTERM"), or nil for any exit that is not a crash.
---@param status? integer|string
---@param opts? {within?: string, because?: string}
---@return integer? status
function Host:expect_exit(status, opts)
  local wanted_signal
  hw.options(opts, { "within", "because" }, "host:expect_exit")
  if type(status) == "string" then
    wanted_signal = status:upper():gsub("^SIG", "")
  else
    check_integer(status, "host:expect_exit", 0, 255)
  end
  local deadline_us = hw.deadline(opts, DEFAULT_LIMIT)
  local because = opts and opts.because
  local from = hw.trace.next()
  local function ended()
    return not self:running()
  end
  if not hw.await(ended, deadline_us) then
    hw.fail {
      message = ("the host did not exit within %s of modem time"):format(limit_text(opts)),
      because = because,
      rows = rows_since(from),
    }
  end
  local got, signal = prim.ending(self)
  local fine
  if wanted_signal then
    fine = signal == wanted_signal
  else
    fine = not signal and (status == nil or got == status)
  end
  if not fine then
    local wanted = wanted_signal and "the end by SIG" .. wanted_signal
      or status and "exit status " .. status
      or "an exit"
    hw.fail {
      message = ("the host %s; %s was expected"):format(ending_text(self), wanted),
      because = because,
    }
  end
  return got
end

-- The next line of output from the cursor on that fits, and the sequence number behind it.
local function find_line(host, from, fits)
  local best_seq, best_line
  for _, kind in ipairs { "stdout", "stderr" } do
    local seq, line = hw.trace.find(kind, host.name, from)
    while seq and not fits(line) do
      seq, line = hw.trace.find(kind, host.name, seq + 1)
    end
    if seq and (not best_seq or seq < best_seq) then
      best_seq, best_line = seq, line
    end
  end
  return best_line, best_seq
end

---Wait for a line of output, on stdout or stderr, that holds the text (or matches the pattern, or
---pleases the function). Lines are looked at once: the next call goes on behind the match.
---@param what string|Pattern|fun(line: string): boolean
---@param opts? {within?: string, because?: string}
---@return string line
function Host:expect_output(what, opts)
  hw.options(opts, { "within", "because" }, "host:expect_output")
  local fits, described = text_matcher(what, "host:expect_output")
  local deadline_us = hw.deadline(opts, DEFAULT_LIMIT)
  local state = hw.state(self, "Host")
  local from = state.output_from or 0
  local line, seq
  local function found_or_over()
    line, seq = find_line(self, from, fits)
    return line ~= nil or prim.silent(self)
  end
  local over = hw.await(found_or_over, deadline_us)
  if line then
    state.output_from = seq + 1
    return line
  end
  local message
  if over then
    message = ("the host %s before it printed %s"):format(ending_text(self), described)
  else
    message = ("the host did not print %s within %s of modem time"):format(
      described, limit_text(opts))
  end
  hw.fail { message = message, because = opts and opts.because, rows = rows_since(from) }
end

---The exit status; nil while it runs, and when a signal killed it (then its name comes second).
---@return integer? status
---@return string? signal
function Host:exit_status()
  return prim.ending(self)
end

---End the host: SIGTERM, and SIGKILL after half a second of wall time. Returns when it is gone.
function Host:stop()
  prim.stop(self)
  hw.await(function()
    return not self:running()
  end, math.maxinteger, "host")
end

---Stop the host if it runs, and start it again with the tty and URL of now: what a power cut does
---to a host that shares the modem's supply. Its folder survives.
function Host:restart()
  self:stop()
  prim.restart(self)
  return self
end

---The path of a link that always points at the first modem's tty: what a host on USB should open. It is that of
---the option --tty-link, or one in the scenario's folder.
---@return string
function Test.tty_link(_)
  return prim.tty_link()
end

----------------------------------------------------------------------------------------------------
-- servers

---Start a package server on 127.0.0.1, or on ::1. With certificate and key (PEM) it speaks TLS; with
---client_ca it wants a certificate of its clients. With dir it serves the files of that folder as well.
---@param opts? {port?: integer, dir?: string, ipv6?: boolean, certificate?: string, key?: string, client_ca?: string}
---@return Server
function Test.http(_, opts)
  opts = check_type(opts, "table", "t:http") or {}
  hw.options(opts, { "port", "dir", "ipv6", "certificate", "key", "client_ca" }, "t:http")
  check_type(opts.ipv6, "boolean", "t:http: ipv6")
  for _, name in ipairs { "dir", "certificate", "key", "client_ca" } do
    check_type(opts[name], "string", "t:http: " .. name)
  end
  if (opts.certificate == nil) ~= (opts.key == nil) then
    hw.usage("t:http: certificate and key go together")
  end
  return prim.serve {
    port = check_integer(opts.port, "t:http: port", 0, 65535) or 0,
    dir = opts.dir,
    ipv6 = opts.ipv6,
    certificate = opts.certificate,
    key = opts.key,
    client_ca = opts.client_ca,
  }
end

---Certificates for this scenario alone, in PEM: a CA, a server's for 127.0.0.1, ::1 and localhost, and a
---module's. names adds to the server's, as in "IP:192.168.0.100,DNS:www.example.com".
---@param names? string
---@return {ca: string, server: string, server_key: string, client: string, client_key: string}
function Test.certificates(_, names)
  return prim.certificates(check_type(names, "string", "t:certificates"))
end

---How a published path answers.
---@class hayeswire.Habit
---@field status? integer        instead of 200
---@field location? string       where a 3xx status points
---@field silent? boolean        accept the request, never answer
---@field chunked? boolean       no Content-Length
---@field ignore_range? boolean  the whole file, whatever was asked for
---@field cut_after? integer     break the connection after that many bytes of the body
---@field cut_times? integer     how many answers are cut so; all when not given
---@field takes_post? boolean    POST is answered like GET

local habit_names = {
  "status", "location", "silent", "chunked", "ignore_range", "cut_after", "cut_times", "takes_post",
}

local function check_habit(habit)
  habit = check_type(habit, "table", "server:publish") or {}
  hw.options(habit, habit_names, "server:publish")
  for _, name in ipairs { "silent", "chunked", "ignore_range", "takes_post" } do
    check_type(habit[name], "boolean", "server:publish: " .. name)
  end
  check_type(habit.location, "string", "server:publish: location")
  check_integer(habit.status, "server:publish: status", 100, 599)
  check_integer(habit.cut_after, "server:publish: cut_after", 1, math.maxinteger)
  check_integer(habit.cut_times, "server:publish: cut_times", 1, 1000000)
  return habit
end

local function check_file(what)
  if type(what) ~= "string" and type(what) ~= "userdata" then
    hw.usage("server:publish: a package or a string was expected, got a " .. type(what))
  end
  return what
end

---Serve a package or a string at a path. Publishing again replaces it.
---@param path string
---@param what Package|string
---@param habit? hayeswire.Habit
---@return string url
function Server:publish(path, what, habit)
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" or path:find("[%c%s]") then
    hw.usage('server:publish: the path begins with a slash, as in "/update.bin"')
  end
  return prim.publish(self, path, check_file(what), check_habit(habit))
end

---Serve what a server of the package's vendor offers below a path: the package and the files beside it. settings
---are those of the dialect, as in { update_mode = "1" }; `hayeswire package make --help` lists them. A file that is
---published again at its path is replaced.
---@param path string  of the folder, as in "/mt5700/"
---@param package Package
---@param settings? table<string, string>
---@return string url  of the folder
function Server:publish_folder(path, package, settings)
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" or path:find("[%c%s]") then
    hw.usage('server:publish_folder: the path begins with a slash, as in "/mt5700/"')
  end
  if type(package) ~= "userdata" then
    hw.usage("server:publish_folder: a package was expected, got a " .. type(package))
  end
  local words = {}
  for name, value in pairs(check_type(settings, "table", "server:publish_folder: the settings") or {}) do
    words[#words + 1] = ("%s=%s"):format(name, value)
  end
  table.sort(words)
  local folder = path:sub(-1) == "/" and path or path .. "/"
  for _, file in ipairs(hw.package.files(package, words)) do
    prim.publish(self, folder .. file.name, file.bytes, {})
  end
  return prim.url(self, path)
end

---Wait for a request of the path (text or pattern), answered or not. Each request is taken once.
---@param path string|Pattern
---@param opts? {within?: string, because?: string}
---@return {method: string, path: string, range: string?, status: integer, headers: table, t_us: integer}
function Server:expect_request(path, opts)
  hw.options(opts, { "within", "because" }, "server:expect_request")
  local fits, described
  if type(path) == "string" then
    described = quoted(path)
    fits = function(got)
      return got == path
    end
  else
    fits, described = text_matcher(path, "server:expect_request")
  end
  local deadline_us = hw.deadline(opts, DEFAULT_LIMIT)
  local state = hw.state(self, "Server")
  local request = hw.await(function()
    local requests = self:requests()
    for index = state.seen or 1, #requests do
      if fits(requests[index].path) then
        state.seen = index + 1
        return requests[index]
      end
    end
    return nil
  end, deadline_us)
  if request then
    return request
  end
  local rows = {}
  for index = state.seen or 1, #self:requests() do
    local other = self:requests()[index]
    rows[#rows + 1] = { "requested", ("%s %s at %s"):format(other.method, other.path, hw.clock(other.t_us)) }
  end
  hw.fail {
    message = ("nobody asked the server for %s within %s of modem time"):format(
      described, limit_text(opts)),
    rows = rows,
    because = opts and opts.because,
  }
end

----------------------------------------------------------------------------------------------------
-- terminals

local Terminal = hw.class("Terminal")

local ROUSE_PAUSE_US = 500000
local ROUSE_TRIES = 20 -- at least, however fast modem time is

---Type at a modem from within the scenario, as a person at a terminal would. No tty is opened for it.
---@param modem Modem
---@param line? string  name of the modem's line; the first when not given
---@return Terminal
function Test.terminal(_, modem, line)
  local terminal = prim.terminal(modem, check_type(line, "string", "t:terminal: line"))
  local state = hw.state(terminal, "Terminal")
  state.modem, state.line = modem, line
  return terminal
end

---Send bytes as they are, as soon as the modem has a tty.
---@param bytes string
---@param opts? {within?: string, because?: string}
function Terminal:send(bytes, opts)
  hw.options(opts, { "within", "because" }, "terminal:send")
  if type(bytes) ~= "string" then
    hw.usage("terminal:send: a string was expected, got a " .. type(bytes))
  end
  local deadline_us = hw.deadline(opts, DEFAULT_LIMIT)
  local function send()
    hw.acted()
    return self:send_now(bytes)
  end
  if not hw.await(send, deadline_us) then
    hw.fail {
      message = ("the modem has no tty within %s of modem time"):format(limit_text(opts)),
      because = opts and opts.because,
    }
  end
end

---Whether the modem said more than the echo of AT since that record.
local function is_answered(who, from)
  local seq, text = hw.trace.find("tx", who, from)
  while seq do
    if text:gsub("[Aa][Tt]\r", ""):find("%w") then return true end
    seq, text = hw.trace.find("tx", who, seq + 1)
  end
  return false
end

---Type AT until the modem answers, as hosts do with modules that find out the rate by themselves, or that start.
---@param opts? {within?: string, because?: string}
function Terminal:rouse(opts)
  opts = hw.options(opts, { "within", "because" }, "terminal:rouse")
  local state = hw.state(self, "Terminal")
  local tries, from, over = 0, hw.trace.next(), hw.now() + hw.limit(opts, "1m")
  local who = hw.modem.line_who(state.modem, state.line)
  local function answered()
    local heard, text = hw.trace.find("cmd", who, from)
    while heard and text:upper() ~= "AT" do
      heard, text = hw.trace.find("cmd", who, heard + 1)
    end
    return heard and is_answered(who, heard)
  end
  repeat
    tries = tries + 1
    if hw.now() > over and tries > ROUSE_TRIES then
      hw.fail { message = "the modem does not answer AT", because = opts.because }
    end
    self:send("AT\r", { within = "1m" })
    local due = hw.now() + ROUSE_PAUSE_US
    while not answered() and hw.now() < due do hw.yield(due) end
  until answered()
  hw.modem.state_of(state.modem).cursor = hw.trace.next()
end

---Type a line again and again, until a line of the answer is the one that is wanted; %d stands for any number.
---@param text string
---@param wanted string
---@param opts? {within?: string, because?: string}
function Terminal:poll(text, wanted, opts)
  opts = hw.options(opts, { "within", "because" }, "terminal:poll")
  hw.check_type(wanted, "string", "terminal:poll: the wanted line")
  local state = hw.state(self, "Terminal")
  local over, from = hw.now() + hw.limit(opts, "30m"), hw.trace.next()
  local reader
  repeat
    if hw.now() > over then
      hw.fail { message = ('the modem does not answer %s with "%s"'):format(hw.visible(text), hw.visible(wanted)),
        rows = rows_since(from), because = opts.because }
    end
    reader = hw.script.new_reader(hw.modem.line_who(state.modem, state.line), hw.trace.next())
    self:type(text)
    local due = hw.now() + ROUSE_PAUSE_US
    while not hw.script.has_line(reader, wanted) and hw.now() < due do hw.yield(due) end
  until hw.script.has_line(reader, wanted)
  hw.modem.state_of(state.modem).cursor = hw.trace.next()
end

---Type a line: the text, and Enter behind it.
---@param text string
---@param opts? {within?: string, because?: string}
function Terminal:type(text, opts)
  if type(text) ~= "string" then
    hw.usage("terminal:type: a string was expected, got a " .. type(text))
  end
  self:send(text .. "\r", opts)
end

----------------------------------------------------------------------------------------------------
-- platforms

---The vendor's platform (cloud) of that name: a scenario has at most one of each. What it can do is in
---the class of its name; options are those of its configure().
---@param name string
---@param opts? table
---@return any
function Test.platform(_, name, opts)
  hw.check_word(name, prim.platform_names(), "t:platform")
  local platform = prim.platform(name)
  if opts ~= nil then
    platform:configure(opts)
  end
  return platform
end
