# SPDX-License-Identifier: MIT
"""What clients that type a vendor's guide by hand have in common: lines over pyserial."""
import re
import sys
import time

import serial

REPLY_S = 20
SILENCE_S = 60
ABSENCE_S = 300


class Missing(Exception):
    pass


class Client:
    def __init__(self, tty):
        self.tty = tty
        self.port = serial.Serial(tty, 115200)
        self.waiting = b''

    def reopen(self):
        """The module on USB restarts: its tty vanishes, and comes back some time."""
        try:
            while self.port.read(1):
                pass  # what it still says
        except serial.SerialException:
            pass
        self.port.close()
        self.waiting = b''
        for _ in range(10 * ABSENCE_S):
            try:
                self.port = serial.Serial(self.tty, 115200)
                return self.synchronise()
            except serial.SerialException:
                time.sleep(0.1)  # not there yet
        raise Missing(self.tty + ' does not come back')

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

    def say(self, command, answers):
        """Send a command; the next lines are these."""
        self.send(command)
        self.expect(answers)

    def wait_for(self, command, start):
        """Send a command until a line of its answer begins so."""
        for _ in range(1000):
            if any(line.startswith(start) for line in self.ask(command)):
                return
            self.line(0.1)
        raise Missing('%s never answers %s' % (command, start))

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


def run(name, type_by_hand):
    """The life of a client: its exit status is 0, or 1 with the line that is missing."""
    try:
        type_by_hand()
    except Missing as error:
        print('%s: %s' % (name, error), file=sys.stderr)
        return 1
    return 0
