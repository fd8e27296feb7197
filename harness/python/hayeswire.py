# SPDX-License-Identifier: MIT
"""Fake cellular modems for tests in Python, by `hayeswire serve`.

    from hayeswire import Hayeswire

    with Hayeswire(time="x20") as bench:
        modem = bench.modem("bc26")
        ...                                    # start the program under test on modem.tty
        modem.expect("AT+CSQ", within="30s")
        modem.power_cut()

Every wait has a limit in modem time, with its unit ("500ms", "30s", "2m"). What was expected and did not come is a
Failure, which is an AssertionError and tells what came instead; wrong use is a HayeswireError. One file, no
dependencies beyond Python 3.7; it may be copied into a project.
"""
import json
import os
import socket as sockets
import subprocess

API = 1


class HayeswireError(Exception):
    """The call was wrong, or Hayeswire itself failed."""

    def __init__(self, code, message, rows=()):
        self.code, self.message, self.rows = code, message, [tuple(row) for row in rows]
        lines = [message]
        for label, text in self.rows:
            first, *rest = text.split("\n")
            lines.append("  %-16s%s" % (label, first))
            lines.extend(" " * 18 + line for line in rest)
        super().__init__("\n".join(lines))


class Failure(HayeswireError, AssertionError):
    """The program under test did wrong: what was expected did not come."""


FAIL = 1


def pattern(text):
    """A Lua pattern, for whatever takes a text to wait for."""
    return {"pattern": text}


class Hayeswire:
    """A connection to `hayeswire serve`: started here over a pipe, or one that listens on a socket."""

    def __init__(self, socket=None, program=None, time="real", seed=1, options=()):
        self.time, self.process, self._connection = time, None, None
        self._next_id, self._events, self._answers, self._functions = 1, [], {}, {}
        if socket:
            self._connection = sockets.socket(sockets.AF_UNIX)
            self._connection.connect(socket)
            self._out = self._connection.makefile("wb")
            self._in = self._connection.makefile("rb")
        else:
            program = program or os.environ.get("HAYESWIRE_PROGRAM", "hayeswire")
            self.process = subprocess.Popen(
                [program, "serve", "--time", time, "--seed", str(seed), *options],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._out, self._in = self.process.stdin, self.process.stdout
        self.greeting = self._greet()
        self.methods = self.greeting["methods"]
        if self.greeting["api"] != API:
            raise HayeswireError(0, "this module speaks version %d of the protocol, not %d" % (
                API, self.greeting["api"]))
        if socket:
            self.time = self.call("time.now")["time"]

    # ---- the protocol ----

    def _greet(self):
        first = self._read()
        if "error" in first:
            self.close()
            raise HayeswireError(first["error"]["code"], first["error"]["message"])
        return first["params"]

    def _read(self):
        line = self._in.readline()
        if not line:
            raise HayeswireError(0, "hayeswire has closed the connection")
        return json.loads(line)

    def send(self, method, params):
        """Send a request without waiting for its answer; returns its id."""
        request = {"jsonrpc": "2.0", "id": self._next_id, "method": method,
                   "params": {key: value for key, value in params.items() if value is not None}}
        self._next_id += 1
        self._out.write(json.dumps(request).encode() + b"\n")
        self._out.flush()
        return request["id"]

    def wait(self, request_id):
        """Wait for the answer to a request; returns its result."""
        __tracebackhide__ = True  # pytest shows the test's own line
        while True:
            message = self._answers.pop(request_id, None) or self._read()
            if "method" in message:
                self._notice(message["method"], message["params"])
            elif message.get("id") != request_id:
                self._answers[message.get("id")] = message
            elif "error" in message:
                error = message["error"]
                kind = Failure if error["code"] == FAIL else HayeswireError
                raise kind(error["code"], error["message"], error.get("data", {}).get("rows", ()))
            else:
                return message["result"]

    def call(self, method, **params):
        """Call any method of `hayeswire serve`; parameters that are None are left out."""
        __tracebackhide__ = True
        return self.wait(self.send(method, params))

    def _notice(self, method, params):
        if method == "event":
            self._events.append(params)
        elif method == "call":
            self._answer(params)

    def _answer(self, question):
        function = self._functions.get((question["name"], question["command"]["name"]))
        info, result = None, "ERROR"
        if function:
            answer = function(question["command"])
            info, result = answer if isinstance(answer, tuple) else (answer, None)
        self.send("modem.answer", {"call": question["call"], "info": info, "result": result})

    # ---- the bench ----

    def modem(self, dialect=None, name=None, **options):
        """Plug in a modem; options are those of every modem and of its dialect, by their names."""
        return Modem(self, self.call("modem.open", dialect=dialect, name=name, **options)["name"])

    def package(self, dialect, from_version, to_version, size=None):
        """A firmware package; returns its name, for Server.publish()."""
        return self.call("package.make", dialect=dialect, to=to_version, size=size,
                         **{"from": from_version})["name"]

    def http(self, **options):
        """A package server on loopback: dir, port, ipv6, certificate, key, client_ca."""
        return Server(self, self.call("http.serve", **options))

    def tty_link(self):
        """A path that always leads to the first modem's tty, whatever its number."""
        return self.call("modem.tty_link")

    def platform(self, platform, **options):
        """The vendor's platform of that name; returns a function that calls its methods."""
        self.call("platform.open", platform=platform, options=options or None)
        return lambda function, *args: self.call("platform.call", platform=platform, function=function, args=list(args))

    def faults(self):
        """All armed faults, with how often they fired."""
        return self.call("fault.list")

    def events(self, since=0, kinds=None):
        """All events from number `since` on."""
        events, more = [], True
        while more:
            part = self.call("events.fetch", since=since, kinds=kinds)
            events += part["events"]
            since, more = part["next"], part["more"]
        return events

    def now(self):
        """Modem time in seconds."""
        return self.call("time.now")["t_us"] / 1e6

    def scale(self, to):
        """Let modem time go on at another speed, "real" or "x20", until the next reset()."""
        self.time = self.call("time.scale", to=to)["time"]

    def advance(self, by):
        """Let modem time go on, when it was started with time="step"."""
        return self.call("time.advance", by=by)["t_us"] / 1e6

    def reset(self):
        """Everything as at the start."""
        self._functions = {}
        self.call("reset")
        self.time = self.call("time.now")["time"]

    def env(self, modem=None):
        """The environment for a program under test, as `hayeswire run` gives it."""
        scale = self.time[1:] if self.time.startswith("x") else "1"
        env = dict(os.environ, HAYESWIRE=self.greeting["version"], HAYESWIRE_TIME_SCALE=scale)
        if modem:
            env["HAYESWIRE_TTY"] = modem.tty
        return env

    def close(self):
        """End the connection, and the server if it was started here."""
        if self._connection:
            self._out.close()
            self._in.close()
            self._connection.close()
        elif self.process.poll() is None:
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()
        self._functions = {}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


class Server:
    """A package server."""

    def __init__(self, bench, made):
        self._bench, self.name, self.url, self.port = bench, made["name"], made["url"], made["port"]

    def publish(self, path, package=None, text=None, **habit):
        """Serve a package or a text at a path; returns the URL."""
        return self._bench.call("http.publish", server=self.name, path=path, package=package, text=text,
                                habit=habit or None)["url"]

    def publish_folder(self, path, package, **settings):
        """Serve a package as the folder of files that the vendor's server has; returns the URL."""
        return self._bench.call("http.publish_folder", server=self.name, path=path, package=package,
                                settings=settings or None)["url"]

    def requests(self):
        """All requests so far."""
        return self._bench.call("http.requests", server=self.name)

    def expect_request(self, path, within=None):
        """Wait for a request of that path."""
        return self._bench.call("http.expect_request", server=self.name, path=path, within=within)

    def down(self):
        """Refuse connections from now on."""
        self._bench.call("http.down", server=self.name)

    def up(self):
        """Accept connections again."""
        self._bench.call("http.up", server=self.name)


STATE = ("boots", "dialect", "firmware", "fota", "imei", "power", "tty", "ttys")


class Modem:
    """A fake modem; its words are those of scenarios."""

    def __init__(self, bench, name):
        self._bench, self.name = bench, name

    def _call(self, method, **params):
        __tracebackhide__ = True
        return self._bench.call("modem." + method, name=self.name, **params)

    def __getattr__(self, key):
        """tty (None while it is gone), ttys of all lines, power, firmware, fota, imei, boots, dialect."""
        if key not in STATE:
            raise AttributeError("a modem has no %r; it has %s" % (key, ", ".join(STATE)))
        return self._call("get").get(key)

    def expect(self, what, within=None, because=None):
        """Wait for a command of the host; a text that ends in "=" is its beginning."""
        __tracebackhide__ = True
        return self._call("expect", what=what, within=within, because=because)

    def expect_any(self, *what, within=None):
        """Wait for the first of several commands; "index" says which."""
        __tracebackhide__ = True
        return self._call("expect_any", what=list(what), within=within)

    def never(self, what, for_=None):
        """Fail if such a command came since the last match, or comes within that time."""
        __tracebackhide__ = True
        return self._call("never", what=what, **{"for": for_})

    def count(self, what):
        """How many such commands came."""
        return self._call("count", what=what)

    def wait_urc(self, what, within=None, line=None):
        """Wait for an unsolicited result; a text is its beginning."""
        __tracebackhide__ = True
        return self._call("wait_urc", what=what, within=within, line=line)

    def wait_power(self, state, within=None):
        """Wait for a state of the power: off, booting, on, sleeping, flashing, hung, dead."""
        __tracebackhide__ = True
        self._call("wait_power", state=state, within=within)

    def wait_fota(self, state, within=None):
        """Wait for a state of the upgrade."""
        __tracebackhide__ = True
        self._call("wait_fota", state=state, within=within)

    def power_on(self, after=None):
        """Switch it on."""
        self._call("power", to="on", after=after)

    def power_cut(self, policy=None):
        """Take its power away, now."""
        self._call("power", to="cut", policy=policy)

    def reset(self):
        """Pull the reset pin."""
        self._call("power", to="reset")

    def urc(self, text, line=None):
        """Say an unsolicited result."""
        self._call("urc", text=text, line=line)

    def raw(self, data, line=None):
        """Send bytes as they are."""
        self._call("raw", bytes=bytes(data).decode("latin-1"), line=line)

    def fault(self, text):
        """Arm a fault."""
        self._bench.call("fault.add", modem=self.name, fault=text)

    def faults(self):
        """Its faults, with how often they fired."""
        return self._bench.call("fault.list", modem=self.name)

    def clear_faults(self):
        """Disarm all."""
        self._bench.call("fault.clear", modem=self.name)

    def on(self, command, answer, result=None):
        """Answer a command here: with a text, a list of lines, or by a function of the command, which returns such
        lines, or (lines, result). A function runs while one of our calls waits."""
        if callable(answer):
            self._bench._functions[self.name, command.upper()[2:]] = answer
            self._call("on", command=command, ask=True)
        else:
            self._call("on", command=command, info=answer, result=result)

    def off(self, command):
        """Give a command back to the dialect."""
        self._call("off", command=command)

    def network(self, world):
        """What the radio finds: home, roaming, denied, none."""
        self._call("set", network=world)

    def signal(self, rsrp_dbm):
        """Signal strength."""
        self._call("set", signal=rsrp_dbm)

    def detach(self):
        """Pull the cable."""
        self._call("link", to="detach")

    def attach(self):
        """Plug it in again."""
        self._call("link", to="attach")

    def type(self, text, line=None):
        """Type a line at it, as a person would."""
        self._call("type", text=text, line=line)

    def poll(self, text, wanted, within=None):
        """Type a line again and again, until a line of the answer is the one that is wanted."""
        __tracebackhide__ = True
        self._call("poll", text=text, wanted=wanted, within=within)

    def rouse(self, within=None):
        """Type AT until it answers."""
        self._call("rouse", within=within)

    def script(self, text, within=None):
        """Play a pasted log: what the host must send, and what the modem must answer."""
        __tracebackhide__ = True
        self._call("script", text=text, within=within)

    def transcript(self):
        """All that happened on it so far."""
        return self._call("transcript")

    def close(self):
        """Unplug it for good."""
        self._call("close")
