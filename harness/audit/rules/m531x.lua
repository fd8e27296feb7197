-- SPDX-License-Identifier: MIT
-- What a host behind a China Mobile M531x must do while it is upgraded itself, by the platform and through the module.
-- "The guide" is the SOTA guide for NB modules (M531x); its steps 8 to 16 are the host's.
local book = ...
local cmd, urc, any = book.cmd, book.urc, book.any

local OLD, NEW = "test0", "test000"
local BATTERY_LIMIT = 50
local ANSWER_US = 30000000  -- the module waits so long
local UPDATE_US = 120000000 -- from the order to install to a registration that is renewed

book.title = "SOTA guide for NB modules (M531x)"
book.modem = { dialect = "m531x", link_latency = "50ms" }
book.package = { dialect = "m531x", from = OLD, to = NEW, size = 5000 }

-- ---- stimuli ----

---Modem, platform and task.
---@param opts? {modem?: table, platform?: table, task?: table}
local function set_up(s, opts)
  opts = opts or {}
  s:modem_with(opts.modem)
  s.onenet = s.t:platform("onenet", opts.platform or { retry = "5s" })
  s.package = s:make_package()
  local task = { package = s.package }
  for key, value in pairs(opts.task or {}) do task[key] = value end
  s.task = s.onenet:task(task)
end

book.set_up = set_up

book:variant("plain", "nothing goes wrong", { task = { battery = BATTERY_LIMIT } })

book:variant("slow-registration", "registration takes the platform some seconds", { modem = { link_latency = "3s" } })

book:stimulus("damaged-block", "a block is damaged between module and host", function(s)
  set_up(s)
  s.modem:fault 'line.tx@",1024,\\r\\n"#2=insert:"5"'
  s:start()
  s:finish()
end)

book:stimulus("lost-block", "the platform leaves out a block", function(s)
  set_up(s)
  s.onenet:misbehave { skips_block = 3 }
  s:start()
  s:finish()
end)

book:stimulus("cut-at-ack", "the host loses its power as it acknowledges a block", function(s)
  set_up(s)
  s.modem:fault "at.miplsota#4=delay:2s"
  s:start()
  for _ = 1, 4 do s:command "AT+MIPLSOTA=" end
  s:restart_host "5s"
  s:finish()
end)

for block = 1, 4 do
  book:stimulus("cut-in-block-" .. block, ("the host loses its power behind block %d of 5"):format(block), function(s)
    set_up(s, { modem = { link_latency = "500ms" } })
    s:start()
    for _ = 0, block do s:command "AT+MIPLSOTA=" end -- the first says that the flash is erased
    s:restart_host "5s"
    s:finish()
  end)
end

book:stimulus("repeated-block", "a block comes twice from the module", function(s)
  set_up(s)
  s.modem:fault 'urc@"+MIPLWRITE"#3=dup'
  s:start()
  s:finish()
end)

book:stimulus("slow-erase", "erasing the host's flash takes 20 s", function(s)
  local words = s:needs("slow_erase", "the host can not be told to erase slowly")
  set_up(s)
  s:start(words)
  s:finish()
end)

book:variant("jumping-ids", "message ids go up and down, as in the guide's example", {
  modem = { quirks = { "mid-script" } },
})

book:stimulus("two-at-once", "the platform asks twice before the first answer is there", function(s)
  set_up(s)
  s:start()
  s:command "AT+MIPLSOTA=3"
  for _, path in ipairs { "3/0/9", "3/0/19" } do
    s.t:spawn(function() s.onenet:read(path, { within = "5m" }) end)
  end
  s:finish()
end)

book:stimulus("module-cut", "the module loses its power in the download", function(s)
  set_up(s)
  s.modem:fault "m531x.sota.block#3=power_cut"
  s:start()
  s:power_back "3s"
  s:finish()
end)

book:stimulus("battery-falls", "the battery is low when the installation is due, and full again later", function(s)
  local battery = s:needs("battery", "nobody can empty the host's battery")
  set_up(s, { task = { battery = BATTERY_LIMIT }, platform = { retry = "20s" } })
  s:start()
  s:command "AT+MIPLSOTA=3"
  s.t:note "audit: the battery is low"
  s.host:signal(battery.low)
  s:await(function() return s.task.state == "waiting" or s.task.state == "succeeded" end, "3m")
  s.t:note "audit: the battery is full"
  s.host:signal(battery.full)
  s:finish()
end)

book:stimulus("bad-image", "the image in the package is damaged", function(s)
  s:modem_with()
  s.onenet = s.t:platform("onenet", { retry = "5s" })
  s.package = s:make_package()
  s.task = s.onenet:task { package = s.package:damaged(), target = NEW, tries = 1 }
  s:start()
  s:await(function() return s.task.state == "failed" or s.task.state == "succeeded" end, "5m")
  s.is_finished = true -- a host that waits for its upgrade waits on
end)

book:stimulus("urc-in-reply", "a request of the platform comes between a command and its OK", function(s)
  set_up(s)
  s.modem:fault 'urc@"+MIPLREAD"=collide:before' -- the task's first; it waits for the host's next command
  s:start()
  s:urc "+MIPLEXECUTE"
  s:command "AT+MIPLEXECUTERSP="
  s.t:spawn(function()
    s.t:let_pass "1s"
    s.onenet:read("3/0/9", { within = "5m" })
  end)
  s:finish()
end)

-- ---- words of the monitors ----

local OPEN, CREATE = cmd "AT+MIPLOPEN=", any(cmd "AT+MIPLCREATE", cmd "AT+MIPLCREATE=")
local SOTAVER = cmd "AT+MIPLSOTAVER="
local ERASED, WRITTEN, REFUSED = cmd "AT+MIPLSOTA=3", cmd "AT+MIPLSOTA=1", cmd "AT+MIPLSOTA=2"
local REGISTERED = urc(pat "^%+MIPLEVENT: ?0, ?6%f[^%d]")
local UPDATED = urc(pat "^%+MIPLEVENT: ?0, ?11%f[^%d]")
local REQUEST = urc(pat "^%+MIPL[REW][ERX][^V]%a*:")
local READ = urc(pat "^%+MIPLREAD:")
local ANSWER = any(cmd "AT+MIPLREADRSP=", cmd "AT+MIPLEXECUTERSP=", cmd "AT+MIPLWRITERSP=", cmd "AT+MIPLOBSERVERSP=",
  cmd "AT+MIPLNOTIFY=", cmd "AT+MIPLUPDATE=", cmd "AT+MIPLSOTA=")

local DOWNLOAD, INSTALL = "5/0/26501", "5/0/2"

-- A request of the platform: its word, message id and path; for a block also its length and flag.
local function request_of(event)
  local word, mid, object, instance, resource = event.text:match(
    "^%+MIPL(%u+): ?0, ?(%d+), ?(%d+), ?(%-?%d+), ?(%-?%d+)")
  if not word then return nil end
  return { word = word, mid = mid, path = ("%s/%s/%s"):format(object, instance, resource), event = event }
end

local function requests(m, path, from)
  local look = m:each(REQUEST, from)
  return function()
    for event in look do
      local request = request_of(event)
      if request and request.path == path then return event, request end
    end
  end
end

-- The bytes of a block, nil for a request that is none.
local function block_of(event)
  local length = event.text:match "^%+MIPLWRITE: ?0, ?%d+, ?5, ?0, ?0, ?2, ?(%d+)"
  return length and math.tointeger(tonumber(length)) or nil
end

-- The value of an answer to a read of a resource: AT+MIPLREADRSP=0,mid,1,5,0,26500,3,4,"4096",0,0
local function value_of(event, resource)
  if event.kind ~= "cmd" or event.name ~= "+MIPLREADRSP" then return nil end
  local found, value = event.args:match '^0,%d+,1,%d+,%d+,(%d+),%d+,%d+,"([^"]*)"'
  return found == resource and value or nil
end

-- ---- the rules ----

book:rule {
  id = "m5.version-before-open", level = "must",
  sentence = "The running version is told with AT+MIPLSOTAVER before AT+MIPLOPEN: else no task can be created.",
  expects = "AT+MIPLSOTAVER= before AT+MIPLOPEN=",
  source = "guide, steps 7 and 8", stimulus = "plain",
  needs = "the host registers with AT+MIPLOPEN=",
  monitor = function(m)
    m:needs(OPEN, { before = SOTAVER, since = CREATE, did = "registered without having told its version" })
  end,
}

book:rule {
  id = "m5.registered-first", level = "must",
  sentence = "Nothing is answered or updated before +MIPLEVENT:0,6.",
  expects = "no answer, notification or update between AT+MIPLOPEN= and +MIPLEVENT:0,6",
  source = "guide, step 9", stimulus = "slow-registration",
  needs = "the host registers",
  monitor = function(m)
    local is_open = false -- since AT+MIPLOPEN=, and until the event
    for event in m:each() do
      if OPEN.test(event) then is_open = true end
      if REGISTERED.test(event) or UPDATED.test(event) then
        if is_open then m:kept() end
        is_open = false
      end
      if is_open and ANSWER.test(event) then
        m:broken(event, ("sent %s before it was registered"):format(event.text:match "^[^=]*"))
      end
    end
  end,
}

-- The command that answers a request: the download of the image and its blocks have one of their own.
local function answers(command, request)
  if request.path == DOWNLOAD or block_of(request.event) then return command.name == "+MIPLSOTA" end
  return command.name == "+MIPL" .. request.word .. "RSP" and command.args:match "^0,(%d+)" == request.mid
end

book:rule {
  id = "m5.answers-with-mid", level = "must",
  sentence = "Each READ, EXECUTE and WRITE is answered with its own message id, and within 30 s.",
  expects = "one answer to each request, with the message id of that request, within 30 s",
  source = "guide, steps 10 to 16", stimulus = { "plain", "urc-in-reply", "jumping-ids", "two-at-once" },
  needs = "the platform asks the host for something",
  monitor = function(m)
    local open = {}
    local limit_us = math.max(ANSWER_US, m:reaction_us())
    for event in m:each() do
      local request = event.kind == "urc" and request_of(event)
      if event.kind == "power" or event.kind == "host" or CREATE.test(event) then open = {} end
      if request then open[#open + 1] = request end
      if event.kind == "cmd" and (event.name or ""):find "RSP$" and event.name ~= "+MIPLDISCOVERRSP" then
        local mid, is_known = event.args:match "^0,(%d+)", false
        for i = 1, event.index do
          local asked = m.events[i].kind == "urc" and request_of(m.events[i])
          is_known = is_known or (asked and asked.mid == mid)
        end
        if not is_known then m:broken(event, "answered with a message id that nobody had asked with: " .. mid) end
      end
      for i = #open, 1, -1 do
        if event.kind == "cmd" and answers(event, open[i]) then
          m:kept()
          table.remove(open, i)
        elseif event.t_us - open[i].event.t_us > limit_us then
          m:late(open[i].event, ("did not answer %s within 30 s"):format(open[i].event.text:sub(1, 40)))
          table.remove(open, i)
        end
      end
    end
  end,
}

local MULTI_READ = { { "3", "2", "1" }, { "5", "1", "2" }, { "26500", "0", "0" } }

book:rule {
  id = "m5.multi-read", level = "must",
  sentence = "A read of 5/0/-1 is answered by three lines: resources 3, 5, 26500 with index 2, 1, 0 and flags 1, 2, 0.",
  expects = "AT+MIPLREADRSP= for 3 with index 2 and flag 1, for 5 with 1 and 2, for 26500 with 0 and 0",
  source = "guide, step 11 (3)", stimulus = "plain",
  needs = "the platform reads 5/0/-1",
  monitor = function(m)
    for _, request in requests(m, "5/0/-1") do
      local count = 0
      local own = cmd "AT+MIPLREADRSP=":where(function(event)
        return event.args:match "^0,(%d+)" == request.mid
      end)
      for answer in m:each(own, request.event) do
        local resource, index, flag = answer.args:match '^0,%d+,1,5,0,(%d+),.*,(%d+),(%d+)$'
        local want = MULTI_READ[count + 1]
        count = count + 1
        if not want or resource ~= want[1] or index ~= want[2] or flag ~= want[3] then
          m:broken(answer, ("answered line %d of 3 with resource %s, index %s, flag %s"):format(count,
            resource or "?", index or "?", flag or "?"))
        end
        if count == 3 then
          m:kept()
          break
        end
      end
    end
  end,
}

book:rule {
  id = "m5.erase-before-write", level = "must",
  sentence = "Flash is erased, and AT+MIPLSOTA=3 sent, after EXECUTE 26501 and before the first block.",
  expects = "AT+MIPLSOTA=3 within a minute after EXECUTE 26501, and before any AT+MIPLSOTA=1",
  source = "guide, step 12", stimulus = { "plain", "slow-erase" },
  needs = "the platform begins a download",
  monitor = function(m)
    local begun
    for event in m:each() do
      local request = event.kind == "urc" and request_of(event)
      if request and request.path == DOWNLOAD then begun = event end
      if event.kind == "power" or event.kind == "host" then begun = nil end
      if begun and ERASED.test(event) then
        m:kept()
        begun = nil
      elseif begun and WRITTEN.test(event) then
        m:broken(event, "acknowledged a block and had not told that its flash was erased")
      elseif begun and event.t_us - begun.t_us > 2 * math.max(ANSWER_US, m:reaction_us()) then
        m:late(begun, "did not tell within a minute that its flash was erased")
      end
    end
  end,
}

book:rule {
  id = "m5.block-order", level = "must",
  sentence = "Blocks run from flag 1 through 2 to 0; a lost, repeated or damaged one is noticed, and not acknowledged.",
  expects = "AT+MIPLSOTA=2 for a damaged or missing block, one that comes twice in flash once, and then success",
  source = "guide, step 12", stimulus = { "damaged-block", "lost-block", "repeated-block" },
  needs = "a block is damaged or lost on its way",
  monitor = function(m)
    local struck = m:first(book.fault(pat "^line%.tx"))
    local block = struck and m.is_own and m:last(urc "+MIPLWRITE:", struck)
    local answer = block and m:first(cmd "AT+MIPLSOTA=", block)
    if answer and WRITTEN.test(answer) then
      m:broken(answer, "acknowledged a block that was damaged on its way")
    end
    local twice = m:first(book.fault(pat "^urc.*dup"))
    local anew = twice and requests(m, DOWNLOAD, twice)()
    if anew and not m:last(REFUSED, anew) then
      m:broken(anew, "acknowledged a block that came twice, and its image was no good")
    end
    m:succeeds(struck or twice or (m.stimulus == "lost-block" and m:first(urc "+MIPLWRITE:") or nil),
      "after a block was damaged, lost or sent twice")
  end,
}

-- Bytes that the host has acknowledged in the download that it is in, at each event; 0 after another begin.
local function each_told(m, fn)
  local acknowledged, pending = 0, nil
  for event in m:each() do
    local length = event.kind == "urc" and block_of(event)
    if length and length > 0 then pending = length end
    if WRITTEN.test(event) and pending then
      acknowledged, pending = acknowledged + pending, nil
    end
    local saved = value_of(event, "26500")
    if saved then
      fn(event, math.tointeger(tonumber(saved)) or -1, acknowledged)
      acknowledged = math.tointeger(tonumber(saved)) or 0
    end
  end
end

book:rule {
  id = "m5.write-then-ack", level = "must",
  sentence = "AT+MIPLSOTA=1 is sent when the block is in flash, not before.",
  expects = "after the loss of power, 5/0/26500 is no less than what was acknowledged",
  source = "guide, step 12: the block is written to flash, result 1", stimulus = "cut-at-ack",
  needs = "the host loses its power as it acknowledges a block",
  monitor = function(m)
    local cut = m:first(book.host "killed")
    if not cut then return end
    local is_first = true
    each_told(m, function(event, saved, acknowledged)
      if event.index < cut.index or not is_first then return end
      is_first = false
      if saved < acknowledged and saved > 0 then
        m:broken(event, ("had acknowledged %d bytes, and has %d of them"):format(acknowledged, saved))
      else
        m:kept()
      end
    end)
  end,
}

book:rule {
  id = "m5.resume", level = "must",
  sentence = "After a loss of power the host tells the bytes that it has (5/0/26500) and goes on, or begins again.",
  expects = "5/0/26500 is no more than what arrived, and the upgrade comes to success",
  source = "guide, step 11 (3)", stimulus = {
    "cut-in-block-1", "cut-in-block-2", "cut-in-block-3", "cut-in-block-4", "cut-at-ack", "module-cut",
  },
  needs = "the host or the module loses its power in the download",
  monitor = function(m)
    local cut = m:first(any(book.host "killed", book.power "off"))
    if not cut then return end
    each_told(m, function(event, saved, acknowledged)
      -- What was acknowledged last may be there twice as long: its answer can be lost with the power.
      if event.index > cut.index and saved > acknowledged + 1024 then
        m:broken(event, ("says that it has %d bytes, and got %d"):format(saved, acknowledged))
      end
    end)
    m:succeeds(cut, "after the power was back")
  end,
}

book:rule {
  id = "m5.battery", level = "must",
  sentence = "The battery level is told truthfully, and again before the upgrade.",
  expects = "3/0/9 below the limit while the battery is low",
  source = "guide, steps 11 (4) and 13", stimulus = "battery-falls",
  needs = "the battery falls (adapter: battery)",
  monitor = function(m)
    local is_low = false
    for event in m:each() do
      if event.text == "audit: the battery is low" then is_low = true end
      if event.text == "audit: the battery is full" then is_low = false end
      local level = value_of(event, "9")
      if level and is_low and tonumber(level) and tonumber(level) >= BATTERY_LIMIT then
        m:broken(event, ("told a battery of %s %% while it was low"):format(level))
      elseif level and is_low then
        m:kept()
      end
    end
  end,
}

book:rule {
  id = "m5.update-after-upgrade", level = "must",
  sentence = "When the new software runs: AT+MIPLUPDATE, then the new version in 3/0/19.",
  expects = "AT+MIPLUPDATE= within two minutes, and 3/0/19 with the new version",
  source = "guide, steps 14 and 15", stimulus = "plain",
  needs = "the platform orders the installation",
  monitor = function(m)
    local ordered = requests(m, INSTALL)()
    if not ordered or not m.is_own then return end
    local updated = m:first(any(cmd "AT+MIPLUPDATE=", OPEN), ordered)
    local told
    for answer in m:each(cmd "AT+MIPLREADRSP=", ordered) do told = value_of(answer, "19") or told end
    if not updated or updated.t_us - ordered.t_us > UPDATE_US then
      m:late(ordered, "did not renew its registration after the installation")
    elseif updated.name ~= "+MIPLUPDATE" then
      m:broken(updated, "registered anew after the installation, in place of AT+MIPLUPDATE")
    elseif told ~= NEW then
      m:broken(updated, ("told the version %s after the installation"):format(told or "not at all"))
    end
    local version = m:claim() and m:told_version(m:claim())
    if version and version ~= NEW then m:broken(m:claim(), "claimed success and says that it runs " .. version) end
    m:succeeds(ordered, "after the installation was ordered")
  end,
}

book:rule {
  id = "m5.reports-failure", level = "should",
  sentence = "A failed upgrade is told in 5/0/5, and the old software runs on.",
  expects = "5/0/5 with neither 0 nor 1, and 3/0/19 with the old version",
  source = "guide, step 11 (3): the result of the upgrade", stimulus = "bad-image",
  needs = "the image is damaged, and the installation is ordered",
  monitor = function(m)
    if not m.is_own then return end
    local ordered = m:first(urc(pat "^%+MIPLWRITE: ?0, ?%d+, ?5, ?0, ?0")) or m:first(READ)
    for answer in m:each(cmd "AT+MIPLREADRSP=", ordered) do
      local version, result = value_of(answer, "19"), value_of(answer, "5")
      if version == NEW then m:broken(answer, "told the version of an image that was damaged") end
      if result == "1" then m:broken(answer, "told success (5/0/5 = 1) of an image that was damaged") end
      if result and result ~= "0" and result ~= "1" then m:kept() end
    end
    if ordered and not m.state and m:first(cmd "AT+MIPLSOTA=2", ordered) then m:kept() end
    if ordered and not m.state then
      m:missing(m.events[#m.events], "never told the result of the failed upgrade in 5/0/5")
    end
  end,
}

book.split_at = { "+MIPLREAD:0,", "+MIPLEXEC" }
book:line_rules("m5", "ATE")
