-- SPDX-License-Identifier: MIT
-- What a host of a Luat Air720 must do in an upgrade over the air. "The guide" is the vendor's guide to automatic FOTA
-- of 2018-11-12, for firmware from V422 on.
local book = ...
local cmd, urc, state, printed = book.cmd, book.urc, book.state, book.printed

local OLD, NEW = "AirM2M_720_V422_LTE_AT", "AirM2M_720_V9999_LTE_AT"
local BACKOFF_US = 5000000
local START_US = 1000000 -- from AT+UPGRADE to the attempt

book.title = "Air720 guide to automatic FOTA (2018-11-12)"
book.modem = { dialect = "air720", firmware = OLD, factory_rate = 115200, flash_time = "10s" }
book.package = { dialect = "air720", from = OLD, to = NEW, size = "32k" }

-- ---- stimuli ----

-- Modem, service and package; opts are those of the modem.
local function set_up(s, opts, package_opts, habit)
  s:modem_with(opts)
  s.luat = s.t:platform("luat", { devices = { s.modem } })
  s:offer(package_opts, habit)
end

book.set_up = set_up

book:variant("plain", "nothing goes wrong")

book:stimulus("own-upgrade", "the module has begun an upgrade by itself when the host starts", function(s)
  set_up(s, { auto_first = "1s", download_rate = "400" })
  s.luat:release { version = NEW, url = s.url }
  s:state "fota downloading"
  s:start()
  s:finish()
end)

book:variant("upgraddl", "the progress on UART2 is spelt +UPGRADDL", { quirks = { "upgraddl-spelling" } })
book:variant("dl-on-at-port", "the progress of writing appears on the AT port", {
  quirks = { "upgradedl-on-at-port" },
})

book:stimulus("report-fails", "the module can not tell the service that it was upgraded", function(s)
  set_up(s)
  s.luat:status(500)
  s:start()
  s:finish()
end)

book:stimulus("package-lost", "the module restarts after 100 % and has lost the package", function(s)
  set_up(s)
  s.modem:on("AT+UPGRADE", function(command)
    if command.args then return nil end
    if command.text:sub(-1) == "?" then return "+UPGRADE: 0" end
    s.t:spawn(function()
      for percent = 0, 100, 20 do
        s.t:let_pass "200ms"
        s.modem:urc("+UPGRADEIND: " .. percent)
      end
      s.t:let_pass "1s"
      s.modem:power_cut()
      s.modem:power_on()
    end)
  end)
  s:start()
  s:finish "3m"
end)

book:stimulus("not-found", "the server has no package at first", function(s)
  set_up(s, nil, nil, { status = 404 })
  s:start()
  s:state "fota starting"
  s:state "fota idle"
  s.server:publish(s.path, s.package)
  s:finish "5m"
end)

book:variant("no-room", "the module can not keep the package", { store_size = "16k" })

book:stimulus("server-down", "nobody listens at the server's port, for a while", function(s)
  set_up(s)
  s.server:down()
  s:start()
  s:state "fota starting"
  s:state "fota idle"
  s.server:up()
  s:finish "5m"
end)

book:stimulus("damaged", "the package is damaged", function(s)
  set_up(s)
  s:set_url(s.server:publish("/damaged.bin", s.package:damaged()))
  s:start()
  s:finish "5m"
end)

book:stimulus("up-to-date", "the service has nothing newer", function(s)
  set_up(s)
  s.luat:release { version = OLD, url = s.url }
  s:ask_platform()
  s:start()
  s:finish "3m"
end)

-- The causes of a refusal that are no message for the user's own URL (guide 3.1, fota error cause).
for _, row in ipairs { { 3, "the device" }, { 17, "its project" }, { 25, "its key" }, { 26, "its firmware" } } do
  local cause, why = row[1], row[2]
  book:stimulus("refused-" .. cause, ("the service refuses %s: cause %d"):format(why, cause), function(s)
    set_up(s)
    s.luat:refuse(cause)
    s:ask_platform()
    s:start()
    s:finish "3m"
  end)
end

book:stimulus("bad-address", "the service names an address that is none: error -1000", function(s)
  set_up(s)
  s.luat:release { version = NEW, url = "htp:/update" }
  s:ask_platform()
  s:start()
  s:finish "3m"
end)

book:stimulus("network-lost", "the network goes away in the download for long: error -1001", function(s)
  set_up(s, { download_rate = "4k", download_retries = 2 })
  s:start()
  s:urc "+UPGRADEIND: 30"
  s.modem:network "none"
  s:state "fota idle"
  s.modem:network "home"
  s:finish "5m"
end)

book:stimulus("no-answer", "the module fails by itself before it has asked: error -1006", function(s)
  set_up(s)
  s.modem:fault "air720.fota.query=fail"
  s:start()
  s:finish "5m"
end)

book:stimulus("https-url", "the URL is one of https", function(s)
  set_up(s)
  s:set_url((s.url:gsub("^http:", "https:")))
  s:start()
  s:finish "3m"
end)

book:stimulus("cut-in-download", "power is lost at half of the download", function(s)
  set_up(s)
  s.modem:fault "air720.fota.download@50%=power_cut"
  s:start()
  s:power_back "5s"
  s:finish "5m"
end)

book:stimulus("cut-in-flash", "power is lost while the new firmware is written", function(s)
  set_up(s)
  s.modem:fault "air720.fota.flash@40%=power_cut"
  s:start()
  s:power_back "5s"
  s:finish()
end)

-- ---- words of the monitors ----

local ASK = cmd "AT+UPGRADE"
local RESULT = cmd "AT+UPGRADE?"
local SET_URL = cmd(pat '^AT%+UPGRADE="[Uu][Rr][Ll]"')
local AUTO_OFF = cmd(pat '^AT%+UPGRADE="[Aa][Uu][Tt][Oo]", ?0')
local NEWEST = book.said(pat "%+UPGRADE: ?2,[^\r]*,27\r")
local LOADED = urc "+UPGRADEIND: 100"

local UNDER_WAY = { starting = true, querying = true, downloading = true, downloaded = true }

-- Attempts of the host that came to nothing: the module rests again, and there is no package. Those of the module
-- itself are none of the host's business.
local function each_failure(m)
  local before, asked_us, is_own
  local look = m:each(book.any(ASK, state "fota "))
  return function()
    for event in look do
      local last = before
      if event.kind == "cmd" then asked_us = event.t_us else before = event.world.fota end
      if before == "starting" and last ~= "starting" then
        is_own = asked_us ~= nil and event.t_us - asked_us < START_US
      end
      if before == "idle" and is_own and UNDER_WAY[last] and event.world.power == "on" then return event end
    end
  end
end

-- What the module answered to AT+UPGRADE? between two events: the reply's text and its place.
local function result_read(m, from, to)
  for query in m:each(RESULT, from) do
    if to and query.index > to.index then return nil end
    local reply = m:reply(query)
    if reply and reply.text:find "%+UPGRADE: ?2" then return reply.text, reply.event end
  end
end

-- ---- the rules ----

book:rule {
  id = "air.unsolicited-upgrade", level = "must",
  sentence = "An automatic upgrade may start, and restart the module, at any time: the host lives through it.",
  expects = "the host waits for the upgrade, and ends with success when the new version runs",
  source = "guide 1 and 2.3", stimulus = "own-upgrade",
  needs = "the module upgrades by itself while the host runs",
  monitor = function(m)
    local begun = m:first(state "fota downloading")
    local asked = m:first(ASK)
    if begun and not (asked and asked.index < begun.index) then
      m:succeeds(begun, "after the module had begun an upgrade by itself")
    end
  end,
}

book:rule {
  id = "air.auto-off", level = "should",
  sentence = 'A host that upgrades by itself switches the automatic upgrade off first: AT+UPGRADE="AUTO",0.',
  expects = 'AT+UPGRADE="AUTO",0, answered with OK, before AT+UPGRADE',
  source = "guide 3.1, AUTO", stimulus = "plain",
  needs = "the host asks for an upgrade with AT+UPGRADE",
  monitor = function(m)
    for ask in m:each(ASK) do
      local off = m:last(AUTO_OFF, ask)
      if off and m:is_ok(off) then
        m:kept()
      else
        m:broken(ask, "asked for an upgrade while the automatic one was on")
      end
    end
  end,
}

book:rule {
  id = "air.reads-result", level = "must",
  sentence = "After a failure +UPGRADE: state, error, http, cause is read, and each code is told apart.",
  expects = "AT+UPGRADE? after the failure, and a message of the host with its error or cause",
  source = "guide 3.1, AT+UPGRADE?", stimulus = {
    "bad-address", "network-lost", "server-down", "damaged", "not-found", "no-room", "no-answer", "refused-3",
    "refused-17", "refused-25", "refused-26",
  },
  needs = "an upgrade fails",
  monitor = function(m)
    for failed in each_failure(m) do
      local again = m:first(ASK, failed)
      local text, read = result_read(m, failed, again)
      if not text and m:first(urc "+UPGRADEIND: -", failed) then
        m:kept()
      elseif not text then
        m:missing(failed, "did not read the result of a failed upgrade with AT+UPGRADE?")
      else
        local code, cause = text:match "(%-%d+)", text:match ",(%d+)\r"
        local wanted = code == "-1003" and cause and cause ~= "0" and cause or code:sub(2)
        if m:first(printed { pattern = "%f[%d]" .. wanted .. "%f[%D]" }, read) then
          m:kept()
        else
          m:broken(read, ("read that the upgrade had failed with %s, and did not tell"):format(wanted))
        end
      end
    end
  end,
}

book:rule {
  id = "air.27-is-up-to-date", level = "must",
  sentence = "Cause 27 says that nothing is newer: it is no failure, and not tried again.",
  expects = "an end that is no failure, and no further AT+UPGRADE",
  source = "guide 3.1, fota error cause", stimulus = "up-to-date",
  needs = "the host asks the service (adapter: service_url), and its version is the newest",
  monitor = function(m)
    for query in m:each(RESULT) do
      local reply = m:reply(query)
      if reply and reply.text:find ",27\r" then
        local again = m:first(ASK, query)
        if again then
          m:broken(again, "asked again after cause 27")
        elseif m.is_own and m.outcome == "running" then
          m:missing(query, "was still waiting after cause 27")
        elseif m.is_own and m.outcome ~= "success" and m.outcome ~= "up to date" then
          m:broken(m.ending, "took cause 27 for a failure: it " .. m.ending_words)
        end
        m:kept()
      end
    end
  end,
}

book:rule {
  id = "air.get-only-url", level = "must",
  sentence = "A URL of one's own is fetched by a plain HTTP GET: the host says when it is given another one.",
  expects = 'a message of the host that names the URL, and no AT+UPGRADE="URL" with it',
  source = "guide 3.4, note", stimulus = "https-url",
  needs = "the host is given a URL of https",
  monitor = function(m)
    local words = m:url_words()
    for set in m:each(SET_URL) do
      if not set.args:find '"[Hh][Tt][Tt][Pp]://.' and not m:first(words, set) then
        m:broken(set, "gave the module a URL that it can not fetch, and had no message of its own for that")
      end
    end
    m:refuses_url "fetch"
  end,
}

book:rule {
  id = "air.reboot-is-part", level = "must",
  sentence = "After +UPGRADEIND: 100 the module restarts and writes; it tells progress as +UPGRADEDL or +UPGRADDL.",
  expects = "the host waits through the restart, and ends with success when the new version runs",
  source = "guide 2.3 and 3.2", stimulus = { "plain", "upgraddl", "dl-on-at-port", "cut-in-flash" },
  needs = "a download is complete",
  monitor = function(m)
    m:succeeds(m:first(LOADED), "after +UPGRADEIND: 100")
  end,
}

book:rule {
  id = "air.version-report", level = "must",
  sentence = "Success is the new version; +UPGRADEVER: 1 or 0 says only whether the server was told of it.",
  expects = "success with the new version, whether +UPGRADEVER: says 1 or 0; none with the old version",
  source = "guide 2.3 and 3.2", stimulus = { "plain", "report-fails", "package-lost" },
  needs = "a download is complete, and the host comes to an end",
  monitor = function(m)
    local loaded = m:first(LOADED)
    m:claims_truly { asked = loaded, seen = loaded, may_stay = m:first(NEWEST) ~= nil }
    m:succeeds(m:first(urc "+UPGRADEVER: 0"), "after +UPGRADEVER: 0, which is no failed upgrade")
  end,
}

-- ---- what follows from the table of errors ----

book:rule {
  id = "air.invalid-firmware", level = "must",
  sentence = "Error -1003 without a cause is a wrong package: the same URL is not asked for again.",
  expects = "no further AT+UPGRADE with that URL",
  source = "guide 3.1, error code", stimulus = "damaged",
  needs = "the module finds the package invalid",
  monitor = function(m)
    for query in m:each(RESULT) do
      local reply = m:reply(query)
      if reply and reply.text:find "%-1003,%d+,0\r" then
        local set, again = m:last(SET_URL, query), m:first(ASK, query)
        local set_again = again and m:last(SET_URL, again)
        if again and set and set_again.args == set.args then
          m:broken(again, "asked again for the package that the module had found invalid")
        end
        m:kept()
      end
    end
  end,
}

book:rule {
  id = "air.back-off", level = "must",
  sentence = "A failed upgrade is tried again after a pause (5 s at least), or given up; never at once.",
  expects = "AT+UPGRADE again 5 s later or after a longer pause, or an end",
  source = "guide 3.1, error code: most of them pass", stimulus = { "not-found", "server-down" },
  needs = "an upgrade fails for a reason that may pass",
  monitor = function(m)
    for failed in each_failure(m) do
      local again = m:first(ASK, failed)
      local _, known = result_read(m, failed, again)
      known = known or failed
      if again then
        m:pauses(known, again, BACKOFF_US,
          ("asked again %s after a failed upgrade"):format(m.span(again.t_us - known.t_us)))
      elseif m.outcome ~= "running" then
        m:kept()
      elseif m.is_own then
        m:missing(failed, "did nothing any more after a failed upgrade")
      end
    end
  end,
}

book:rule {
  id = "air.asks-again", level = "must",
  sentence = "Without power before +UPGRADEIND: 100 nothing is left of an upgrade: the host asks again.",
  expects = "AT+UPGRADE once more when the module is back, and the success of the upgrade",
  source = "guide 2.3: the upgrade begins to complete at 100", stimulus = "cut-in-download",
  needs = "power is lost in the download",
  monitor = function(m)
    m:survives_cut_in "downloading"
  end,
}

book.split_at = { "+UPGRADEIND: 5", "+UPGRADEV" }
book:line_rules("air", "ATE")
