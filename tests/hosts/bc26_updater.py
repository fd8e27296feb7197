#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bc26_updater.py TTY URL: upgrade a Quectel BC26 over the air, as its guide asks. Needs pyserial.

It is a host in another language than bc26-updater.c and shares nothing with it. The module's state
is in what it says, so there is one loop that reads lines; whatever goes wrong (a restart, a tty that
vanished, an answer that is missing) raises Lost, and the work begins again with what is known.

Exit status: 0 upgraded, 2 usage, 3 the download failed after all tries, 4 the package does not fit,
5 another failure of the module, 6 the version is not another one, 7 out of time.
"""
import re
import sys
import time

import serial

TRIES = 3
BACKOFF_S = 8          # doubled with each try
COMMAND_S = 3          # the manual says 300 ms
LIMIT_S = 1800
QUIET_S = 600          # a silent server costs the module 120 s; flash may be slow
SETTLED_S = 15         # from the boot ROM's lines to a result, where the baud rate is fixed

FOTA = re.compile(r'\+QIND: *"FOTA", *"(\w+)"(?:, *(\d+))?')


class Lost(Exception):
    """The module does not answer, has restarted, or is gone."""


class Done(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def say(text):
    print('bc26_updater: ' + text, file=sys.stderr, flush=True)


class Line:
    """Lines of a serial port, which may vanish and come back. A line is over at its line end only."""

    def __init__(self, tty):
        self.tty = tty
        self.port = None
        self.bytes = b''
        self.early = []  # lines that came within a reply and are not of it

    def open(self, until):
        while self.port is None:
            try:
                self.port = serial.Serial(self.tty, 115200, timeout=0.2, write_timeout=2)
                self.bytes = b''
            except (serial.SerialException, OSError):
                if time.monotonic() > until:
                    raise Done(7, 'the tty did not come back') from None
                time.sleep(0.5)

    def lose(self, why):
        if self.port is not None:
            try:
                self.port.close()
            except OSError:
                pass
        self.port = None
        raise Lost(why)

    def read(self, limit_s):
        """The next line of the tty that is not empty, or None after so much silence."""
        until = time.monotonic() + limit_s
        while True:
            match = re.match(rb'[\r\n]*([^\r\n]+)[\r\n]', self.bytes)
            if match:
                self.bytes = self.bytes[match.end():]
                return match.group(1).decode('latin-1')
            left = until - time.monotonic()
            if left <= 0:
                return None
            try:
                self.port.timeout = min(left, 1)
                self.bytes += self.port.read(max(1, self.port.in_waiting))
            except (serial.SerialException, OSError) as error:
                self.lose('the tty is gone: %s' % error)

    def next(self, limit_s):
        return self.early.pop(0) if self.early else self.read(limit_s)

    def write(self, text):
        try:
            self.port.write(text.encode() + b'\r')
        except (serial.SerialException, OSError) as error:
            self.lose('the tty is gone: %s' % error)

    def ask(self, command, limit_s=COMMAND_S):
        """Send a command. Return: its final result and its lines; (None, lines) without a result."""
        lines = []
        self.write(command)
        while True:
            line = self.read(limit_s)
            if line is None:
                return None, lines
            if line == command:  # the echo
                continue
            if line in ('OK', 'ERROR') or line.startswith('+CME ERROR'):
                return line, lines
            if line.startswith('+QIND') or line in ('RDY', '+CFUN: 1') or line.startswith(('+IP:', '+CPIN:')):
                self.early.append(line)
            else:
                lines.append(line)

    def need(self, command):
        result, lines = self.ask(command)
        if result is None:
            raise Lost('no answer to ' + command)
        return result, lines


class Updater:
    def __init__(self, tty, url):
        self.line = Line(tty)
        self.url = url
        self.until = time.monotonic() + LIMIT_S
        self.base = None
        self.tries = 0

    def is_upgrading(self):
        return any(FOTA.match(line) for line in self.line.early)

    def synchronise(self):
        """AT until it answers; a module that upgrades says so instead."""
        while True:
            if time.monotonic() > self.until:
                raise Done(7, 'out of time: no answer')
            result, lines = self.line.ask('AT', 0.5)
            if result == 'OK':
                break
            if self.is_upgrading():
                return
        while (line := self.line.read(0.2)) is not None:
            if line != 'OK':
                self.line.early.append(line)

    def version(self):
        _, lines = self.line.need('ATI')
        for line in lines:
            match = re.match(r'Revision: *(\S+)', line)
            if match:
                return match.group(1)
        raise Lost('ATI told no version')

    def has_network(self):
        self.line.need('AT+CESQ')
        wanted = (('AT+CEREG?', r'\+CEREG: *\d,[15]\b'), ('AT+CGATT?', r'\+CGATT: *1'),
                  ('AT+CGPADDR=1', r'\+CGPADDR: *\d+,"?[0-9a-fA-F]'))
        for command, pattern in wanted:
            _, lines = self.line.need(command)
            if not any(re.match(pattern, line) for line in lines):
                return False
        return True

    def pause(self, seconds):
        """Let time pass without being deaf: an upgrade that begins meanwhile is seen."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            line = self.line.read(left)
            if line is not None and FOTA.match(line):
                self.line.early.append(line)
                return

    def prepare(self):
        self.line.open(self.until)
        self.synchronise()
        if self.is_upgrading():
            return
        for command in ('ATE0', 'AT+CMEE=1', 'AT+IPR=115200', 'AT&W'):
            self.line.need(command)
        self.judge(self.version())
        wait_s = 1
        while not self.has_network():
            if time.monotonic() > self.until:
                raise Done(7, 'out of time: no network')
            self.pause(wait_s)
            wait_s = min(wait_s * 2, 10)
            if self.is_upgrading():
                return

    def judge(self, version):
        say('the module runs ' + version)
        if self.base is None:
            self.base = version
        elif self.base != version:
            raise Done(0, 'upgraded to ' + version)

    def failed(self, code):
        self.tries += 1
        say('the download failed with %s, try %d of %d' % (code, self.tries, TRIES))
        if self.tries >= TRIES:
            raise Done(3, 'no download')
        self.pause(BACKOFF_S * 2 ** self.tries)
        raise Lost('trying again')

    def ask(self):
        say('asking for ' + self.url)
        self.line.early.clear()  # of the start, for instance: no news any more
        result, _ = self.line.need('AT+QFOTADL="%s"' % self.url)
        if result != 'OK' and result not in ('+CME ERROR: 2', '+CME ERROR: 3'):
            self.failed(result)

    def verify(self, has_end):
        """Only another version is success, whatever was said."""
        self.synchronise()
        if self.is_upgrading():
            return
        version = self.version()
        if self.base is None:
            raise Lost('the version before is not known')
        self.judge(version)
        if has_end:
            raise Done(6, 'END,0, and the version is still ' + version)
        raise Lost('interrupted before the upgrade began')

    def event(self, word, value):
        """Return: whether the result was told."""
        if word in ('HTTPEND', 'COAPEND') and value != 0:
            self.failed(value)
        if word == 'END':
            say('END,%s' % value)
            if value in (254, 255):
                raise Done(4, 'the package does not fit')
            if value != 0:
                raise Done(5, 'the module could not upgrade: %s' % value)
            return True
        return False

    def watch(self):
        """Say nothing and read. After UPDATING and a start, silence is the result of autobaud."""
        has_updated = has_banner = False
        while True:
            line = self.line.next(SETTLED_S if has_banner else QUIET_S)
            if line is None:
                self.verify(False)
                has_banner = False
                continue
            match = FOTA.match(line)
            if match:
                has_banner = False
                value = int(match.group(2)) if match.group(2) else None
                has_updated = has_updated or (match.group(1) == 'UPDATING' and value >= 100)
                if self.event(match.group(1), value):
                    self.verify(True)
            elif 'Leaving the BROM' in line:
                has_banner = True
            elif line == 'RDY' and not has_updated:
                self.verify(False)

    def run(self):
        while True:
            try:
                self.prepare()
                if not self.is_upgrading():
                    self.ask()
                self.watch()
            except Lost as reason:
                say(str(reason))
                if time.monotonic() > self.until:
                    raise Done(7, 'out of time') from None


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    tty, url = sys.argv[1:]
    if not re.match(r'https?://[^/:]+(:\d{1,5})?(/|$)', url, re.I) or len(url.encode()) > 255 or '"' in url:
        say('not a URL that the module takes (http://host[:port]/file, at most 255 bytes): ' + url)
        return 2
    try:
        Updater(tty, url).run()
    except Done as done:
        say(str(done))
        return done.status
    return 7


if __name__ == '__main__':
    sys.exit(main())
