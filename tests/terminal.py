# SPDX-License-Identifier: MIT
"""Programs on a terminal of their own, for tests: start, type, wait for what they print."""
import fcntl
import os
import pty
import select
import subprocess
import termios
import time

LIMIT_S = 30


def read_some(fd, limit_s):
    """What is there within the limit; b'' at the limit; None at the end."""
    if not select.select([fd], [], [], limit_s)[0]:
        return b''
    try:
        return os.read(fd, 65536) or None
    except OSError:
        return None


class Stream:
    """Text that comes in, with a place up to which it was looked at."""

    def __init__(self, fd):
        self.fd = fd
        self.text = ''  # not looked at yet
        self.all = ''

    def wait(self, wanted, limit_s=LIMIT_S):
        """Wait for the text; return all up to it."""
        end = time.monotonic() + limit_s
        while wanted not in self.text:
            left = end - time.monotonic()
            some = read_some(self.fd, left) if left > 0 else b''
            if not some and (some is None or left <= 0):
                raise AssertionError('no %r; there was: %s' % (wanted, self.all[-4000:]))
            self.text += some.decode('latin-1')
            self.all += some.decode('latin-1')
        place = self.text.index(wanted) + len(wanted)
        before, self.text = self.text[:place], self.text[place:]
        return before

    def send(self, text):
        os.write(self.fd, text.encode('latin-1'))


class Tty(Stream):
    """The host's side of a modem's tty."""

    def __init__(self, path):
        super().__init__(os.open(path, os.O_RDWR | os.O_NOCTTY))

    def close(self):
        os.close(self.fd)

    def ask(self, command, limit_s=LIMIT_S):
        """Send a command; return its reply up to OK."""
        self.send(command + '\r')
        return self.wait('OK\r\n', limit_s)

    def train(self):
        """AT until it is answered, as hosts of autobauding modules do."""
        for _ in range(100):
            self.send('AT\r')
            try:
                self.wait('OK\r\n', 0.2)
                return
            except AssertionError:
                pass
        raise AssertionError('AT is not answered: ' + self.all)


class Program(Stream):
    """A program whose controlling terminal is ours."""

    def __init__(self, *words, **options):
        master, slave = pty.openpty()

        def take_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        # The terminal is taken between fork and exec, where a session leader has none yet.
        self.process = subprocess.Popen(
            words, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=take_terminal, **options)
        os.close(slave)
        super().__init__(master)

    def end(self):
        """Wait for its end; return the exit status."""
        while read_some(self.fd, LIMIT_S):
            pass
        return self.process.wait(LIMIT_S)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.fd)
