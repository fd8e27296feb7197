-- SPDX-License-Identifier: MIT
-- What a host of a Quectel BC26 or BC20 must do in an upgrade over the air. "The guide" is the vendor's BC26&BC20 DFOTA
-- application guide V1.0 (2019-11-20), "the AT manual" the BC26 AT Commands Manual V1.1 (2018-10-24).
local book = ...
local cmd, urc, state, power, said, sent, printed, any = book.cmd, book.urc, book.state, book.power, book.said,
  book.sent, book.printed, book.any

book.title = "BC26&BC20 DFOTA application guide V1.0"
book.modem = {
  dialect = "bc26", firmware = "BC26NBR01A05", quirks = { "baud-fixed-default" }, update_time = "5s",
  download_rate = "16k", first_byte = "500ms",
}
book.package = { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06", size = "16k" }

local NEW = "BC26NBR01A06"
local URL_MAX = 255
local BACKOFF_US = 5000000

local function set_up(s, opts, package_opts, habit)
  s:modem_with(opts)
  s:offer(package_opts, habit)
end

book.set_up = set_up

-- ---- stimuli ----

book:variant("plain", "nothing goes wrong")

book:variant("slow-attach", "registration takes 20 s, and the attach a minute more", {
  registration = "20s", attach = "60s",
})

book:stimulus("long-url", "the URL is longer than the module takes", function(s)
  s:modem_with()
  s:offer(nil, nil, "/" .. ("firmware/"):rep(28) .. "update.bin")
  s:start()
  s:finish "3m"
end)

book:variant("autobaud", "the module is in autobaud, as from the factory", { quirks = {}, autobaud_train_lines = 0 })

book:stimulus("autobaud-kept", "the module accepts a fixed rate and forgets it", function(s)
  s:modem_with { quirks = {}, autobaud_train_lines = 0 }
  s.modem:on("AT+IPR", function(command)
    if not command.args then return "+IPR: 115200" end
  end)
  s:offer()
  s:start()
  s:finish()
end)

book:stimulus("wrong-base", "the package is for another version", function(s)
  set_up(s, nil, { from = "BC26NBR01A04" })
  s:start()
  s:urc('+QIND: "FOTA","END",254')
  s:finish "5m"
end)

book:stimulus("damaged", "the package is damaged", function(s)
  s:modem_with()
  s:serve()
  s:set_url(s.server:publish("/update.bin", s:make_package():damaged()))
  s:start()
  s:urc('+QIND: "FOTA","END",255')
  s:finish "5m"
end)

book:stimulus("lying-end", "the module says END,0 and stays what it was", function(s)
  s:modem_with()
  s.modem:on("AT+QFOTADL", function(command)
    if not command.args then return nil end
    s.t:spawn(function()
      s.t:let_pass "1s"
      for _, line in ipairs { '"HTTPSTART"', '"DOWNLOADING",50%', '"DOWNLOADING",100%', '"HTTPEND",0', '"START"' } do
        s.modem:urc('+QIND: "FOTA",' .. line)
      end
      s.t:let_pass "2s"
      s.modem:urc '+QIND: "FOTA","UPDATING",100%,1,1'
      s.t:let_pass "1s"
      s.modem:urc '+QIND: "FOTA","END",0'
    end)
  end)
  s:offer()
  s:start()
  s:finish "5m"
end)

book:stimulus("not-found", "the server has no package at first", function(s)
  s:modem_with()
  s:offer(nil, { status = 404 })
  s:start()
  s:urc('+QIND: "FOTA","HTTPEND",12')
  s.server:publish(s.path, s.package)
  s:finish "5m"
end)

book:stimulus("link-lost", "the network goes away in the download, and comes back", function(s)
  set_up(s, { download_rate = "2k" })
  s:start()
  s:urc('+QIND: "FOTA","DOWNLOADING",20%')
  s.modem:network "none"
  s:urc('+QIND: "FOTA","HTTPEND",13')
  s.modem:network "home"
  s:finish "5m"
end)

book:stimulus("still-registering", "the module has just lost the network when it is asked: HTTPEND,20", function(s)
  s:modem_with()
  s.modem:on("AT+QFOTADL", function(command)
    if not command.args then return nil end
    s.modem:on("AT+QFOTADL", nil)
    s.t:spawn(function()
      s.t:let_pass "1s"
      s.modem:urc '+QIND: "FOTA","HTTPSTART"'
      s.t:let_pass "1s"
      s.modem:urc '+QIND: "FOTA","HTTPEND",20'
    end)
    return "" -- OK, and nothing else
  end)
  s:offer()
  s:start()
  s:finish "5m"
end)

book:stimulus("cut-in-update", "power is lost at 37 % of UPDATING", function(s)
  s:modem_with { update_time = "60s" }
  s.modem:fault "bc26.fota.update@37%=power_cut"
  s:offer()
  s:start()
  s:power_back "3s"
  s:finish()
end)

book:variant("slow", "download and installation take their time", { download_rate = "1k", update_time = "40s" })

book:stimulus("cut-in-download", "power is lost at half of the download", function(s)
  s:modem_with()
  s.modem:fault "bc26.fota.download@50%=power_cut"
  s:offer()
  s:start()
  s:power_back "3s"
  s:finish "5m"
end)

book:stimulus("port-vanishes", "the module hangs on USB and loses power: its tty goes, and comes back", function(s)
  s:modem_with { attachment = "usb" }
  s.modem:fault "bc26.fota.download@50%=power_cut"
  s:offer()
  s:start()
  s:power_back "3s"
  s:finish "5m"
end)

book:stimulus("urc-in-reply", "a failed download is told between the command and its OK", function(s)
  s:modem_with()
  s.modem:on("AT+QFOTADL", function(command)
    if not command.args then return nil end
    s.modem:on("AT+QFOTADL", nil)
    s.modem:raw '\r\n+QIND: "FOTA","HTTPSTART"\r\n'
    s.modem:raw '\r\n+QIND: "FOTA","HTTPEND",12\r\n'
    return nil
  end)
  s:offer()
  s:start()
  s:finish "5m"
end)

book:variant("spelling", "the lines are spelt as in the guide of 2018", {
  quirks = { "baud-fixed-default", "fota-2018-spacing", "fota-updating-no-counts", "fota-httptart-typo" },
})

-- ---- words of the monitors ----

local ASK = cmd "AT+QFOTADL="
local VERSION = any(cmd "ATI", cmd "AT+CGMR", cmd "AT+GMR")
local FAILED_DOWNLOAD = urc(pat '^%+QIND: "FOTA","HTTPEND",[1-9]')
local BAD_PACKAGE = urc(pat '^%+QIND: "FOTA","END",25[45]')
local UPDATING = urc '+QIND: "FOTA","UPDATING"'

local function is_version_answer(m, command)
  local reply = m:reply(command)
  return reply and reply.final == "OK" and reply.text:match "BC2%w+A%d+"
end

-- The last version that the host has read before an event; nil for none.
local function version_read(m, before)
  local event = m:last(VERSION, before)
  while event do
    local version = is_version_answer(m, event)
    if version and m:reply(event).event.index < before.index then return version, event end
    event = m:last(VERSION, event)
  end
end

-- ---- the rules of the guide ----

book:rule {
  id = "bc.version-first", level = "must",
  sentence = "The running version is read (ATI or AT+CGMR) before AT+QFOTADL: a package fits one version only.",
  expects = "ATI or AT+CGMR, answered with the version, before AT+QFOTADL=",
  source = "guide 2.1", stimulus = { "plain", "wrong-base" },
  needs = "the host asks for an upgrade with AT+QFOTADL=",
  monitor = function(m)
    for ask in m:each(ASK) do
      if version_read(m, ask) then
        m:kept()
      else
        m:broken(ask, "asked for an upgrade without having read the version that runs")
      end
    end
  end,
}

local REGISTRATION = any(cmd "AT+CEREG?", cmd "AT+CREG?", cmd "AT+CGATT?", cmd "AT+CGATT", cmd "AT+CGPADDR=1",
  cmd "AT+CGPADDR?", cmd "AT+CGPADDR")

book:rule {
  id = "bc.network-first", level = "must",
  sentence = "Signal, registration, attach and address are checked, and the module is attached, before AT+QFOTADL.",
  expects = "AT+CEREG?, AT+CGATT? or AT+CGPADDR first, and AT+QFOTADL= only when the module is attached",
  source = "guide 2.3", stimulus = "slow-attach",
  needs = "the module is not attached yet when the host starts, and the host asks for an upgrade later",
  monitor = function(m)
    m:only_attached(ASK, 'asked for an upgrade while the network was "%s"', {
      at = REGISTRATION, did = "asked for an upgrade and never looked at the network",
    })
  end,
}

-- What is wrong with the argument of AT+QFOTADL; nil for nothing.
local function url_fault(args)
  local url = args:match '^"(.*)"$'
  if not url then return "a URL without quotes" end
  if #url > URL_MAX then return ("a URL of %d bytes"):format(#url) end
  if not url:find "^[Hh][Tt][Tt][Pp][Ss]?://." then return "a URL that is no HTTP:// or HTTPS://" end
  local port = url:match "^%a+://[^/]*:(%d*)"
  if port and not (tonumber(port) and tonumber(port) >= 1 and tonumber(port) <= 65535) then
    return "a URL with the port " .. port
  end
end

book:rule {
  id = "bc.url-form", level = "must",
  sentence = "The URL is quoted, at most 255 bytes, HTTP[S]://, port 1-65535; the host says when it is not.",
  expects = "a message of the host that names the URL, and no AT+QFOTADL= with it, or none after its ERROR",
  source = "guide 3.1, parameters", stimulus = "long-url",
  needs = "the host is given a URL that the module refuses",
  monitor = function(m)
    local words = m:url_words()
    for ask in m:each(ASK) do
      local fault = url_fault(ask.args or "")
      if fault and not m:first(words, ask) then
        m:broken(ask, ("sent %s, met an error, and had no message of its own for that"):format(fault))
      elseif fault then
        m:kept()
      end
    end
    m:refuses_url "take"
  end,
}

local AUTOBAUD = book.note(pat "^autobaud: synchronised")
local FIXED = cmd(pat "^AT%+IPR=[1-9]")

book:rule {
  id = "bc.fixed-baud", level = "should",
  sentence = "The baud rate is fixed and stored (AT+IPR, AT&W) before an upgrade: in autobaud the result is not told.",
  expects = "AT+IPR=<rate> and AT&W, both answered with OK, before AT+QFOTADL=",
  source = "guide 3.1, remarks", stimulus = "autobaud",
  needs = "the module is in autobaud when the host starts, and the host asks for an upgrade",
  monitor = function(m)
    local autobaud = m:first(AUTOBAUD)
    for ask in m:each(autobaud and ASK) do
      local fixed = autobaud and m:last(FIXED, ask)
      local stored = fixed and m:first(any(cmd "AT&W", cmd "AT&W0"), fixed)
      if not autobaud or ask.index < autobaud.index then
        goto continue
      elseif not fixed or not m:is_ok(fixed) then
        m:broken(ask, "asked for an upgrade while the module was in autobaud")
      elseif not stored or stored.index > ask.index or not m:is_ok(stored) then
        m:broken(ask, "asked for an upgrade with a fixed baud rate that was not stored with AT&W")
      else
        m:kept()
      end
      ::continue::
    end
  end,
}

book:rule {
  id = "bc.autobaud-verify", level = "must",
  sentence = "In autobaud END is not told: the host synchronises again and reads the version by itself.",
  expects = "AT until the module answers, ATI or AT+CGMR, and the end that the version calls for",
  source = "guide 3.1, remarks", stimulus = "autobaud-kept",
  needs = "an installation ends while the module is in autobaud",
  monitor = function(m)
    local over = m:last(UPDATING)
    if not over or not m.is_own or m:first(urc '+QIND: "FOTA","END"', over) then return end
    local claim = m:claim()
    if claim then
      local version, read = version_read(m, claim)
      if version ~= NEW or read.index < over.index then
        m:broken(claim, "claimed success and did not read the version after the installation")
      end
    end
    m:succeeds(over, "after an installation whose END was hidden")
  end,
}

book:rule {
  id = "bc.end-is-the-result", level = "must",
  sentence = 'Only "FOTA","END",0 together with the new version is success; "HTTPEND",0 is a finished download.',
  expects = 'success only after "FOTA","END",0, with the new version read',
  source = "guide 3.1 and 4.1", stimulus = { "plain", "wrong-base", "lying-end" },
  needs = "a download ends, and the host comes to an end or claims success",
  monitor = function(m)
    local ask = m:first(ASK)
    m:claims_truly {
      asked = ask, seen = ask and m:first(any(urc '+QIND: "FOTA","END"', urc '+QIND: "FOTA","HTTPEND",0'), ask),
      last = urc '+QIND: "FOTA"',
    }
  end,
}

book:rule {
  id = "bc.http-error", level = "must",
  sentence = "HTTPEND 12, 13 and 20 are handled: tried again after a pause (5 s at least), or told; never silently.",
  expects = "AT+QFOTADL= again 5 s later or after a longer pause, or an end with a message",
  source = "guide 5, table 1", stimulus = { "not-found", "link-lost", "still-registering" },
  needs = "a download fails",
  monitor = function(m)
    for failed in m:each(FAILED_DOWNLOAD) do
      local again = m:first(ASK, failed)
      if again then
        m:pauses(failed, again, BACKOFF_US,
          ("asked again %s after %s"):format(m.span(again.t_us - failed.t_us), failed.text))
      elseif m.is_own and m.outcome == "running" then
        m:missing(failed, "did nothing any more after " .. failed.text)
      elseif m.is_own and not m:first(printed(), failed) then
        m:broken(m.ending, ("gave up without a word (it %s) after %s"):format(m.ending.text, failed.text))
      else
        m:kept()
      end
    end
  end,
}

book:rule {
  id = "bc.bad-package", level = "must",
  sentence = "END 254 (does not match) and 255 (invalid) are not answered by asking for the same package again.",
  expects = "no further AT+QFOTADL= with that URL",
  source = "guide 5, table 2", stimulus = { "wrong-base", "damaged" },
  needs = "the module refuses a package with END,254 or END,255",
  monitor = function(m)
    for refused in m:each(BAD_PACKAGE) do
      local before = m:last(ASK, refused)
      for again in m:each(ASK, refused) do
        if before and again.args == before.args then
          m:broken(again, "asked for the same package again after " .. refused.text)
        end
      end
      m:kept()
    end
  end,
}

book:rule {
  id = "bc.forced-upgrade", level = "must",
  sentence = "After a power loss in UPDATING the module upgrades by itself at the next start: the host waits for that.",
  expects = 'nothing sent until "FOTA","END" or RDY with the upgrade over; then the version read',
  source = "guide 3.1, remarks", stimulus = "cut-in-update",
  needs = "power is lost while UPDATING",
  monitor = function(m)
    local cut = m:cut_in "updating"
    local forced = cut and m:first(urc '+QIND: "FOTA","START"', cut)
    if not forced then return end
    local over = m:first(state "fota idle", forced)
    local command = m:first(ASK, forced)
    if command and (not over or command.index < over.index) then
      m:broken(command, "asked for another upgrade while the module was finishing one")
    end
    m:never(sent(), {
      during = function(world, event)
        return event.index > forced.index and (not over or event.index < over.index) and world.power == "flashing"
      end,
      slow = true, did = "sent bytes into the upgrade that the module was finishing",
    })
    m:succeeds(forced, "after the module began to finish its upgrade")
  end,
}

local BUSY = { downloading = true, downloaded = true, resetting = true, updating = true }

book:rule {
  id = "bc.quiet-while-busy", level = "should",
  sentence = "There is no other AT traffic, and no second AT+QFOTADL, while an upgrade runs.",
  expects = 'nothing sent from the OK of AT+QFOTADL= to "FOTA","END"',
  source = "guide 3.1 (the command runs until END); table 2, FOTA is busy", stimulus = "slow",
  needs = "an upgrade runs",
  monitor = function(m)
    local is_cut = false
    m:never(sent(), {
      during = function(world)
        if world.power == "off" then is_cut = true end
        return not is_cut and BUSY[world.fota] and world.power ~= "off"
      end,
      did = "sent bytes while the upgrade ran",
    })
  end,
}

book:rule {
  id = "bc.survives-banner", level = "must",
  sentence = "Lines of the boot ROM come between START and UPDATING, and after it: a host reads over them.",
  expects = "the host reads on, and ends with the success of the upgrade",
  source = "guide 4.1", stimulus = "plain",
  needs = "the module restarts in an upgrade",
  monitor = function(m)
    local start = m:first(urc '+QIND: "FOTA","START"')
    m:succeeds(start and m:first(said(pat "Leaving the BROM"), start), "after the lines of the boot ROM")
  end,
}

book:rule {
  id = "bc.asks-again", level = "must",
  sentence = "AT+QFOTADL is not kept over a power loss: after one in the download the host asks again.",
  expects = "AT+QFOTADL= once more when the module is back, and the success of the upgrade",
  source = "guide 3.1, characteristics", stimulus = "cut-in-download",
  needs = "power is lost in the download",
  monitor = function(m)
    m:survives_cut_in "downloading"
  end,
}

-- ---- the rules of the line ----

book:rule {
  id = "bc.urc-in-reply", level = "must",
  sentence = "A URC that comes between a command and its reply is not lost.",
  expects = "the failed download is noticed, and asked for again",
  source = "AT manual: URCs come at any time", stimulus = "urc-in-reply",
  needs = "a URC comes after AT+QFOTADL and before its OK",
  monitor = function(m)
    m:succeeds(m:first(said(pat '"HTTPEND",12')), "after HTTPEND,12 had come before the OK of its command")
  end,
}

book:rule {
  id = "bc.port-loss", level = "must",
  sentence = "A tty that vanished is opened again when the module is back, maybe under another name.",
  expects = "the tty opened again, and the success of the upgrade",
  source = "a module behind a USB converter on the same supply", stimulus = "port-vanishes",
  needs = "the tty vanishes with the module's power, and comes back",
  monitor = function(m)
    local gone = m:first(book.note "the ttys vanish")
    m:succeeds(gone and m:first(power "booting", gone), "after the tty was back")
  end,
}

book.split_at = { '\\"DOWNL', '\\"EN' }
book:line_rules("bc", "ATE")

book:rule {
  id = "bc.spelling", level = "must",
  sentence = "Percentages have one to three digits; lines come with blanks and without; HTTPTART is one.",
  expects = "the success of the upgrade, as with the usual spelling",
  source = "guide 3.1 (remarks) and 4.1, and the guide of 2018", stimulus = "spelling",
  needs = "the module spells its lines as in the guide of 2018",
  monitor = function(m)
    m:succeeds(m:first(urc '+QIND: "FOTA"'), "after lines of the other spelling")
  end,
}
