# SPDX-License-Identifier: MIT
"""What clients that type a vendor's guide by hand have in common: lines over pyserial."""
import re

import serial

REPLY_S = 20
SILENCE_S = 60


class Missing(Exception):
    pass


class Client:
    def __init__(self, tty):
        self.port = serial.Serial(tty, 115200)
        self.waiting = b''

    def line(self, limit_s):
        """The next line that is not empty, whatever ends it; None after so much silence."""
        self.port.timeout = limit_s
        while True:
            line, end, rest = re.match(rb'([^\r\n]*)([\r\n]?)(.*)$', self.waiting, re.S).groups()
            if end:
                self.waiting = rest
                if line:
                    return line.decode('ascii')
                continue
            more = self.port.read(max(1, self.port.in_waiting))
            if not more:
                return None
            self.waiting += more

    def send(self, command):
        print('>', command)
        self.port.write(command.encode() + b'\r')

    def expect(self, wanted, limit_s=SILENCE_S):
        """The next lines are these. The echo of what was sent does not count."""
        for text in wanted:
            line = self.line(limit_s)
            while line is not None and line.startswith('AT'):
                line = self.line(limit_s)
            if line != text:
                raise Missing('wanted %r, got %r' % (text, line))
            print('<', line)

    def ask(self, command):
        """Send a command; return the lines before its OK."""
        lines = []
        self.send(command)
        while (line := self.line(REPLY_S)) != 'OK':
            if line is None or line.endswith('ERROR'):
                raise Missing('no OK for %s but %r' % (command, line))
            lines.append(line)
        return lines

    def synchronise(self):
        for _ in range(100):
            self.send('AT')
            while (line := self.line(0.3)) is not None:
                if line == 'OK':
                    self.drain()
                    return
        raise Missing('no OK for AT')

    def drain(self):
        while self.line(0.5) is not None:
            pass
