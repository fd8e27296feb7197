-- SPDX-License-Identifier: MIT
-- What a host of a TD Tech MT5700M must do in an upgrade over the air. "The guide" is the vendor's FOTA 3.0 guide; its
-- chapter 5 is a table of norms (must) and advice (should).
local book = ...
local cmd, state, power, note, http, printed, any = book.cmd, book.state, book.power, book.note, book.http,
  book.printed, book.any

local OLD, NEW, NEWER = "1.2.5.0(SP1C02)", "1.3.0.0(SP1C02)", "1.4.0.0(SP1C01)"
local HAMMER_US = 5000000  -- tries that are nearer than this are no back-off
local RESUME_US = 300000000

book.title = "MT5700M guide to FOTA 3.0"
book.modem = { dialect = "mt5700", firmware = OLD, flash_time = "10s", reboot_to_at = "2s" }
book.package = { dialect = "mt5700", to = NEW, size = "200k" }

-- ---- stimuli ----

-- Modem, server and the package's folder; the url of the folder is {url}.
local function set_up(s, opts, package_opts, server_opts)
  s:modem_with(opts)
  s:serve(server_opts)
  s.package = s:make_package(package_opts)
  s:set_url(s.server:publish_folder("/mt5700/", s.package))
end

book.set_up = set_up

book:variant("plain", "nothing goes wrong")
book:variant("slow-download", "the download takes its time", { download_rate = "20k" })

book:stimulus("told-twice", "state 40 is reported twice", function(s)
  set_up(s)
  s.modem:fault 'urc@"^FOTASTATE: 40"=dup'
  s:start()
  s:finish()
end)

book:stimulus("start-in-40", "a package is downloaded already when the host starts", function(s)
  set_up(s)
  s:start()
  s:state "fota downloaded"
  s:restart_host()
  s:finish()
end)

book:stimulus("start-in-30", "a download is under way when the host starts", function(s)
  set_up(s, { download_rate = "5k" })
  s:start()
  s:state "fota downloading"
  s:restart_host()
  s:finish()
end)

book:stimulus("start-in-31", "a download is suspended when the host starts", function(s)
  set_up(s, { download_rate = "20k" })
  s:start()
  s:state "fota downloading"
  s.modem:network "none"
  s:state "fota suspended"
  s.host:signal "KILL"
  s:record("host", "killed")
  s.modem:network "home"
  s:set_url(s.url)
  s.host:restart()
  s:finish()
end)

book:variant("slow-registration", "registration takes 90 s", { registration = "90s" })

book:stimulus("link-lost", "the network goes away in the download, and comes back", function(s)
  set_up(s, { download_rate = "20k" })
  s:start()
  s:state "fota downloading"
  s.t:let_pass "5s"
  s.modem:network "none"
  s:state "fota suspended"
  s.t:let_pass "20s"
  s.modem:network "home"
  s:finish()
end)

book:stimulus("replaced", "another package takes the place of the one whose download is suspended", function(s)
  set_up(s, { download_rate = "20k", breakpoint_pages = 4 })
  s:start()
  s:state "fota downloading"
  s.t:let_pass "5s"
  s.modem:network "none"
  s:state "fota suspended"
  s.server:publish_folder("/mt5700/", s:make_package { to = NEWER, size = "100k" })
  s.t:note "audit: another package"
  s.modem:network "home"
  s:finish()
end)

book:stimulus("server-down", "nobody listens at the server's port for three minutes", function(s)
  set_up(s)
  s.server:down()
  s:start()
  s:state "fota query_failed"
  s.t:let_pass "20s"
  s.server:up()
  s:finish()
end)

book:stimulus("file-missing", "a file is missing on the server at first", function(s)
  set_up(s)
  s.server:publish("/mt5700/full/filelist.xml", "", { status = 404 })
  s:set_url(s.url)
  s:start()
  s:state "fota query_failed"
  s.server:publish_folder("/mt5700/", s.package)
  s:finish()
end)

book:stimulus("nothing-new", "the server has nothing newer", function(s)
  set_up(s, nil, { to = OLD })
  s:start()
  s:state "fota up_to_date"
  s:finish "5m"
end)

book:stimulus("damaged", "the package on the server is damaged at first", function(s)
  set_up(s)
  s.server:publish("/mt5700/full/ota.swu", s.package:damaged())
  s:set_url(s.url)
  s:start()
  s:state "fota download_failed"
  s.server:publish_folder("/mt5700/", s.package)
  s:finish()
end)

book:variant("session", "a data session is up", { autodial = "on" })

book:stimulus("call", "somebody makes a voice call on another port", function(s)
  set_up(s)
  s:start()
  s:state "fota downloading"
  s.t:terminal(s.modem, "serial_c"):type "ATD10086;"
  s:finish()
end)

book:variant("traffic", "data traffic blocks the upgrade for a while", { data_traffic = "40s" })

book:stimulus("flash-fails", "writing the firmware fails once", function(s)
  set_up(s)
  s.modem:fault "mt5700.fota.flash@60%=fail"
  s:start()
  s:finish()
end)

book:stimulus("lying", "the module tells success and runs what it ran", function(s)
  set_up(s)
  s.modem:fault "mt5700.fota.flash@60%*3=fail"
  s:start()
  s:power "flashing"
  s:power "on"
  s.t:let_pass "1s"
  s.modem:urc "^FOTASTATE: 90"
  s:finish "5m"
end)

book:stimulus("https", "the server speaks https, and power is lost in the download", function(s)
  local words = s:needs("https", "the host can not be given certificates")
  local certs = s.t:certificates()
  set_up(s, { quirks = { "https-works" } }, nil, {
    certificate = certs.server, key = certs.server_key, client_ca = certs.ca,
  })
  local files = {
    ["{ca}"] = s:write("ca.pem", certs.ca), ["{cert}"] = s:write("client.pem", certs.client),
    ["{key}"] = s:write("client.key", certs.client_key),
  }
  local all = {}
  for i, word in ipairs(words) do all[i] = files[word] or word end
  s.modem:fault "download.body@50%=power_cut"
  s:start(all)
  s:power_back "3s"
  s:finish()
end)

book:stimulus("events", "a download fails, then an upgrade, and then all goes well", function(s)
  set_up(s)
  s.modem:fault "mt5700.fota.flash@60%=fail"
  s.modem:fault "mt5700.fota.check=fail"
  s:start()
  s:finish()
end)

book:stimulus("refused", "the user does not want the upgrade", function(s)
  local consent = s:needs("consent", "nobody can refuse the upgrade")
  if not consent.refuse then s:give_up "nobody can refuse the upgrade: the adapter's consent has no refuse" end
  set_up(s)
  s:start(consent.refuse)
  s:finish "5m"
end)

-- ---- words of the monitors ----

local QUERY, DOWNLOAD, UPGRADE = cmd "AT^FOTAOEMDL=", cmd "AT^FOTADL=1", cmd "AT^FWUP"
local FAILED_QUERY = state "fota query_failed"
local SUSPENDED, DOWNLOADED = state "fota suspended", state "fota downloaded"

local DIAL, HANG_UP = cmd(pat "^ATD"), any(cmd(pat "^AT%+CHUP"), cmd(pat "^ATH"))
local CALL_OVER = book.urc "^CEND"

local function is_accepted(m, command)
  local reply = m:reply(command)
  return reply ~= nil and reply.final == "OK"
end

-- ---- the rules ----

book:rule {
  id = "mt.idle-before-download", level = "must",
  sentence = "^FOTAOEMDL is sent in state 10 only, or in 31 to resume.",
  expects = "^FOTASTATE? first, and ^FOTAOEMDL= only in state 10 or 31",
  source = "guide 5, general", stimulus = { "start-in-40", "start-in-30", "damaged" },
  needs = "the host asks for a version with ^FOTAOEMDL=",
  monitor = function(m)
    for query in m:each(QUERY) do
      local now = query.world.fota
      if now ~= "idle" and now ~= "suspended" then
        m:broken(query, ('sent ^FOTAOEMDL while the module was "%s"'):format(now))
      end
      m:kept()
    end
  end,
}

book:rule {
  id = "mt.clears-stale-state", level = "must",
  sentence = "A state 30, 31 or 40 that is found at the start is resumed, used, or cleared by ^FOTADL=0.",
  expects = "the found download is resumed or used, or ^FOTADL=0; then the upgrade comes to success",
  source = "guide 4.1 and 5, general", stimulus = { "start-in-30", "start-in-31", "start-in-40" },
  needs = "the host starts while the module is in state 30, 31 or 40",
  monitor = function(m)
    local killed = m:first(book.host "killed")
    m:succeeds(killed and m:first(book.host "started", killed), "after it had started in a state that was not 10")
  end,
}

book:rule {
  id = "mt.done-before-upgrade", level = "must",
  sentence = "^FWUP is sent in state 40 only, and once.",
  expects = "one ^FWUP, after state 40",
  source = "guide 5, general", stimulus = { "slow-download", "told-twice", "start-in-30", "plain" },
  needs = "the host sends ^FWUP",
  monitor = function(m)
    local accepted
    for event in m:each() do
      if DOWNLOADED.test(event) then accepted = nil end
      if UPGRADE.test(event) then
        if event.world.fota ~= "downloaded" then
          m:broken(event, ('sent ^FWUP while the module was "%s"'):format(event.world.fota))
        elseif accepted then
          m:broken(event, "sent ^FWUP again after it had been accepted")
        end
        if is_accepted(m, event) then accepted = event end
        m:kept()
      end
    end
  end,
}

local HTTPS_QUERY = cmd(pat '^AT%^FOTAOEMDL="? ?[Hh][Tt][Tt][Pp][Ss]:')

book:rule {
  id = "mt.ssl-after-power-loss", level = "must",
  sentence = "^SSLMNG and ^SSLCFG are lost with the power: certificates are loaded and set again before each upgrade.",
  expects = "^SSLMNG= and ^SSLCFG= after each start of the module, before ^FOTAOEMDL= with https",
  source = "guide 5, check of FOTA parameters", stimulus = "https",
  needs = "an upgrade over https (adapter: https), and a loss of power in it",
  monitor = function(m)
    local cut = m:first(power "off")
    for query in m:each(HTTPS_QUERY) do
      local boot = m:last(power "booting", query)
      local set = m:last(cmd "AT^SSLCFG=", query)
      local loaded = m:last(cmd "AT^SSLMNG=", query)
      if not set or set.index < boot.index then
        m:broken(query, "asked over https without ^SSLCFG since the module had started")
      elseif not loaded or loaded.index < boot.index then
        m:broken(query, "asked over https without ^SSLMNG since the module had started")
      elseif cut and query.index > cut.index then
        m:kept()
      end
    end
  end,
}

book:rule {
  id = "mt.network-first", level = "should",
  sentence = "Registration and dial-up are checked (+COPS?, +CREG?) before an upgrade is begun.",
  expects = "^FOTAOEMDL= only when the module is registered and has an address",
  source = "guide 5, FOTA in a stable network", stimulus = "slow-registration",
  needs = "the module is not registered yet when the host starts",
  monitor = function(m)
    m:only_attached(QUERY, 'asked the server while the network was "%s"')
  end,
}

book:rule {
  id = "mt.resume-enabled", level = "should",
  sentence = "Resume is switched on: ^FOTAMODE=x,x,x,1.",
  expects = "^FOTAMODE= with 1 as its last value, or ^FOTAMODE? that shows it, before ^FOTAOEMDL=",
  source = "guide 5, resume", stimulus = "plain",
  needs = "the host asks for a version",
  monitor = function(m)
    local RESUME = cmd(pat "^AT%^FOTAMODE=%d, ?%d, ?%d, ?1")
    for query in m:each(QUERY) do
      local stored = m:last(cmd "AT^FOTAMODE?", query)
      local reply = stored and m:reply(stored)
      if m:last(RESUME, query) or (reply and reply.text:find "FOTAMODE: ?%d, ?%d, ?%d, ?1") then
        m:kept()
      else
        m:broken(query, "asked the server without having switched resume on")
      end
    end
  end,
}

book:rule {
  id = "mt.resumes-suspended", level = "must",
  sentence = "A suspended download (31) is resumed with ^FOTADL=1 or ^FOTAOEMDL.",
  expects = "^FOTAOEMDL=, ^FOTADL=1 or ^FOTADL=0 within 5 minutes after the network is back, and success",
  source = "guide 5, states", stimulus = "link-lost",
  needs = "a download is suspended, and the network comes back",
  monitor = function(m)
    for suspended in m:each(SUSPENDED) do
      local back = m:first(state "net attached", suspended)
      local again = m:first(any(QUERY, DOWNLOAD, cmd "AT^FOTADL=0"), suspended)
      if again then
        m:kept()
      elseif m.is_own and back and m.events[#m.events].t_us - back.t_us > RESUME_US then
        m:late(suspended, "left the download suspended for 5 minutes after the network was back")
      end
    end
    m:succeeds(m.is_own and m:first(SUSPENDED) or nil, "after its download was suspended")
  end,
}

book:rule {
  id = "mt.version-before-resume", level = "must",
  sentence = "Before a resume the version is asked for again: the same goes on, another one cancels the old download.",
  expects = "^FOTAOEMDL= before ^FOTADL=1 in state 31; and no version other than that of the server",
  source = "guide 5, resume", stimulus = "replaced",
  needs = "a download is suspended, and resumed",
  monitor = function(m)
    local has_asked
    for event in m:each() do
      if SUSPENDED.test(event) then has_asked = false end
      if QUERY.test(event) and has_asked == false then
        has_asked = true
        m:kept()
      end
      if DOWNLOAD.test(event) and event.world.fota == "suspended" and has_asked == false then
        m:broken(event, "resumed the download without having asked for the version again")
      end
    end
    m:succeeds(m:first(note "audit: another package"), "after the package was replaced")
  end,
}

local OUTCOMES = {
  query_failed = "13", up_to_date = "14", download_failed = "20", downloading = "30", suspended = "31",
  downloaded = "40",
}
local COMES_BY = { downloading = true, downloaded = true } -- on the way to every success

book:rule {
  id = "mt.follows-state", level = "must",
  sentence = "The host learns each state (by report or ^FOTASTATE?) and acts on 13, 14, 20, 30, 31 and 40.",
  expects = "an end or the next step after each of these states, and no success with the old version",
  source = "guide 5, states", stimulus = {
    "file-missing", "nothing-new", "damaged", "server-down", "link-lost", "start-in-30", "start-in-31", "start-in-40",
  },
  needs = "the module comes into one of these states",
  monitor = function(m)
    if not m.is_own then return end
    local reached = m:first(book.host "killed") and m:last(book.host "started")
    if not reached then
      reached = m:first(state(pat "^fota "):where(function(event)
        return OUTCOMES[event.world.fota] ~= nil and not COMES_BY[event.world.fota]
      end))
    end
    if not reached or not OUTCOMES[reached.world.fota] then return end
    local number = OUTCOMES[reached.world.fota]
    local claim = m:claim()
    if m.outcome == "running" then
      m:missing(reached, ("waits for ever after state %s"):format(number))
    elseif claim and number ~= "14" and claim.world.firmware == reached.world.firmware then
      m:broken(claim, ("claimed success after state %s, with the old version"):format(number))
    else
      m:kept()
    end
  end,
}

book:rule {
  id = "mt.retries-query", level = "should",
  sentence = "A version query that failed is tried again, with a pause (5 s at least).",
  expects = "^FOTAOEMDL= again, 5 s after the failure at the earliest",
  source = "guide 5, failed queries", stimulus = { "server-down", "file-missing" },
  needs = "a version query fails (13)",
  monitor = function(m)
    for failed in m:each(FAILED_QUERY) do
      local again = m:first(QUERY, failed)
      if again then
        m:pauses(failed, again, HAMMER_US,
          ("asked again %s after a failed query"):format(m.span(again.t_us - failed.t_us)))
      elseif m.is_own and not m:last(FAILED_QUERY, failed) then
        m:missing(m.ending or failed, "did not try again after the first failed query")
      end
    end
  end,
}

book:rule {
  id = "mt.stops-services", level = "must",
  sentence = "Voice calls, data and dial-up are ended before ^FWUP: they block the upgrade.",
  expects = "^NDISDUP=<cid>,0 for each session and +CHUP for a call, before ^FWUP",
  source = "guide 5, concurrent services", stimulus = { "session", "call" },
  needs = "a data session or a voice call is up when the package is there",
  monitor = function(m)
    local sessions, has_call = {}, false
    for event in m:each() do
      if event.kind == "power" then sessions, has_call = {}, false end
      if DIAL.test(event) and is_accepted(m, event) then has_call = true end
      if (HANG_UP.test(event) and is_accepted(m, event)) or CALL_OVER.test(event) then has_call = false end
      local cid, is_up = event.text:match "^%^NDISSTAT: ?(%d+), ?(%d)"
      if event.kind == "urc" and cid then sessions[cid] = is_up == "1" or nil end
      local ended = event.kind == "cmd" and event.text:match "^[Aa][Tt]%^NDISDUP=(%d+),0"
      if ended and is_accepted(m, event) then sessions[ended] = nil end
      if UPGRADE.test(event) then
        if next(sessions) then m:broken(event, "sent ^FWUP while a data session was up") end
        if has_call then m:broken(event, "sent ^FWUP while a voice call was up") end
        if m.is_own then m:kept() end
      end
    end
  end,
}

book:rule {
  id = "mt.retriggers-upgrade", level = "must",
  sentence = "An upgrade that is refused, since a condition is not met, is triggered again when the condition is met.",
  expects = "^FWUP again when the traffic is over, and the success of the upgrade",
  source = "guide 5, conditions of the upgrade", stimulus = "traffic",
  needs = "the module refuses ^FWUP",
  monitor = function(m)
    local refused
    for command in m:each(UPGRADE) do
      if not refused and not is_accepted(m, command) then refused = command end
    end
    m:succeeds(refused, "after ^FWUP had been refused")
  end,
}

book:rule {
  id = "mt.survives-port-loss", level = "must",
  sentence = "The tty vanishes with the restart and comes back, maybe under another name; echo is on again.",
  expects = "the tty opened again, under the name that it has then, and the success of the upgrade",
  source = "guide 4.1: the module restarts to upgrade", stimulus = "plain",
  needs = "the tty vanishes",
  monitor = function(m)
    local gone = m:first(note "the ttys vanish")
    m:succeeds(gone and m:first(power "booting", gone), "after its tty had vanished")
  end,
}

book:rule {
  id = "mt.verifies-version", level = "must",
  sentence = "Success is the changed version and time of ^VERSION? (and +CGMR), not what the reports say.",
  expects = "^VERSION? after the restart, and success only with the new version",
  source = "guide 4.2", stimulus = { "lying", "plain" },
  needs = "an upgrade is begun, and the host comes to an end",
  monitor = function(m)
    local begun = m:first(UPGRADE)
    m:claims_truly {
      asked = begun, seen = begun, may_stay = m:first(state "fota up_to_date") ~= nil or m.stimulus == "refused",
    }
  end,
}

book:rule {
  id = "mt.retries-upgrade", level = "should",
  sentence = "An upgrade that failed is tried again.",
  expects = "^FWUP or ^FOTAOEMDL= again, and the success of the upgrade",
  source = "guide 5, result", stimulus = "flash-fails",
  needs = "writing the firmware fails",
  monitor = function(m)
    local failed = m.is_own and m:first(book.fault(pat "flash@60"))
    if not failed then return end
    if not m:first(UPGRADE, failed) then
      m:missing(m.ending or failed, "did not try again after an upgrade that had changed nothing")
    end
    m:succeeds(failed, "after an upgrade that had changed nothing")
  end,
}

-- What a report is known by, where the adapter does not say: an event's words, in lower case.
local REPORTS = {
  download_begun = "download[_%- ]?[bs]", download_done = "download[_%- ]?[dcos][ounk]",
  download_failed = "download[_%- ]?[fe]", upgrade_begun = "upgrade[_%- ]?[bs]",
  upgrade_done = "upgrade[_%- ]?[dcos][ounk].*1[._%%]", upgrade_failed = "upgrade[_%- ]?[fe]",
}

-- What the host reports: to the collector at {report}, or, as the adapter says, in its output.
local function is_report(m, event)
  if (m.adapter.reports or {}).from == "output" then return event.kind == "stdout" or event.kind == "stderr" end
  return event.kind == "http" and (event.text:find("/report", 1, true) or event.text:find "^body: ") ~= nil
end

local function is_told(m, name)
  local own = (m.adapter.reports or {})[name]
  for event in m:each() do
    local text = own and event.text or event.text:lower()
    if is_report(m, event) and text:find(own or REPORTS[name]) then return true end
  end
  return false
end

book:rule {
  id = "mt.reports-events", level = "should",
  sentence = "A server is told when download and upgrade begin, are done (new version), or fail (reason).",
  expects = "six reports: download and upgrade begun, done (with the version), failed (with the reason)",
  source = "guide 5, reports", stimulus = "events",
  needs = "the host reports to {report} (or $HAYESWIRE_REPORT); a download and an upgrade fail",
  monitor = function(m)
    local is_output = (m.adapter.reports or {}).from == "output"
    if not m.is_own or not (is_output or m:first(http(pat "/report"))) then return end
    local missing = {}
    for _, name in ipairs(m.reports) do
      if not is_told(m, name) then missing[#missing + 1] = name end
    end
    if #missing > 0 then
      m:missing(m.ending or m.events[#m.events], "never reported " .. table.concat(missing, ", "))
    end
    m:kept()
  end,
}

book:rule {
  id = "mt.asks-the-user", level = "should",
  sentence = "The user is told before an upgrade, and can refuse it.",
  expects = "the prompt before ^FWUP, and no ^FWUP when the user refuses",
  source = "guide 5, before the upgrade", stimulus = "refused",
  needs = "the user refuses (adapter: consent)",
  monitor = function(m)
    local consent = m.adapter.consent
    local command = m:first(UPGRADE)
    if not consent then return end
    -- What it prints and what it sends go different ways, and may be recorded in either order.
    local told = consent.prompt and m:first(printed { pattern = consent.prompt })
    if command and consent.prompt and not (told and told.t_us <= command.t_us + m:reaction_us()) then
      m:broken(command, "began the upgrade and had not told the user")
    elseif m.is_own and command then
      m:broken(command, "began the upgrade although the user had refused it")
    elseif m.is_own and m:first(DOWNLOADED) then
      m:kept()
    end
  end,
}

book.split_at = { "^FOTASTATE: 3", "^FOTASTATE: 4" }
book:line_rules("mt", "ATE")

