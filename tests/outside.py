# SPDX-License-Identifier: MIT
"""What the tests of the program from outside share. The first argument of such a test is the path of
hayeswire; it is taken away here, and unittest gets the rest.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HAYESWIRE = os.path.abspath(sys.argv.pop(1))
LIMIT_S = 60


def is_alive(pid):
    """Whether the process runs; a zombie that nobody reaped yet does not."""
    try:
        with open('/proc/%d/stat' % pid, encoding='ascii') as stat:
            return stat.read().rsplit(')', 1)[1].split()[0] not in ('Z', 'X')
    except (FileNotFoundError, ProcessLookupError):
        return False


def python_with_serial():
    """An interpreter that has pyserial: it need not be the one that runs this."""
    for python in (sys.executable, 'python3', '/usr/bin/python3'):
        try:
            if subprocess.run([python, '-c', 'import serial'], capture_output=True, check=False,
                              timeout=LIMIT_S).returncode == 0:
                return python
        except OSError:
            pass
    return None


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='hayeswire-cli-')
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, mode)
        return name

    def scenario(self, name, body, title='a title'):
        lines = ['scenario("%s", function(t)' % title, body, 'end)', '']
        return self.write(name, '\n'.join(lines))

    def call(self, *args, **options):
        return subprocess.run([HAYESWIRE, *args], cwd=self.dir, capture_output=True, text=True,
                              timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL, **options)

    def run_(self, status, *args, **options):
        """hayeswire run: check the status, return stdout."""
        done = self.call('run', *args, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.stderr = done.stderr
        return done.stdout

    def paste(self, status, line):
        """A command line as a person pastes it into a shell; return stdout."""
        done = subprocess.run(line, shell=True, cwd=self.dir, capture_output=True, text=True,
                              timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def folder(self, slug=''):
        return os.path.join(self.dir, 'out', 'latest', slug)
