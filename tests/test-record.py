#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hayeswire record: a host's upgrade against one Hayeswire modem, recorded, then run without that modem.

Usage: test-record.py PATH-OF-HAYESWIRE PATH-OF-BC26-UPDATER COMPILER SOURCE-ROOT
"""
import os
import re
import subprocess
import sys
import unittest

UPDATER, COMPILER, ROOT = (os.path.abspath(sys.argv[2]), sys.argv[3], os.path.abspath(sys.argv[4]))
del sys.argv[2:5]

from outside import HAYESWIRE, LIMIT_S, Case  # noqa: E402
from terminal import Stream  # noqa: E402

HOSTS = os.path.dirname(UPDATER)

# What each dialect's modem upgrades from and to, the sandbox that it is in, and its host.
UPGRADES = {
    'bc26': dict(
        old='BC26NBR01A05', new='BC26NBR01A06', modem=['-o', 'update_time=5s', '-o', 'download_rate=16k'],
        host=['bc26-updater', '{tty}', '{url}'],
        passed=[r'  >  AT\+QFOTADL=', r'  <  Revision: BC26NBR01A05', r'  !  \+QIND: "FOTA","END",0']),
    'air720': dict(
        old='AirM2M_720_V422_LTE_AT', new='AirM2M_720_V9999_LTE_AT', modem=['-o', 'flash_time=5s'],
        host=['air720-updater', '{tty}', '{tty:uart2}', '{url}'],
        passed=[r'  >  AT\+UPGRADE="URL"', r'  !  \+UPGRADEVER: 1', r'uart2  !  \+UPGRADEDL: 100']),
    'mt5700': dict(
        old='1.2.5.0(SP1C02)', new='1.3.0.0(SP1C02)', modem=['-o', 'flash_time=5s', '-o', 'usb_number=other'],
        host=['mt5700-updater', '{tty}', '{url}'],
        passed=[r'  >  AT\^FWUP', r'  !  \^FOTASTATE: 40', r'  \*  gone\n', r'  \*  back\n', r't:tty_link\(\)']),
    'm531x': dict(
        old='test0', new='test000', modem=['-o', 'link_latency=50ms', '--offer', 'files/update.bin'],
        host=['m531x-mcu', '{tty}', '--until', 'test000'],
        passed=[r'  ~  \\r\\n\+MIPLWRITE:', r'  !  \+MIPLEVENT:0,6', r'  >  AT\+MIPLSOTA=3']),
}


class Record(Case):
    def setUp(self):
        super().setUp()
        os.environ['HAYESWIRE_TIME_SCALE'] = '20'

    def sandbox(self, dialect):
        """A sandbox in the folder; return the paths of its lines, and the URL of the package."""
        upgrade = UPGRADES[dialect]
        os.mkdir(self.path('files'))
        self.call('package', 'make', '--dialect', dialect, '--from', upgrade['old'], '--to', upgrade['new'],
                  '--size', '6000', '-o', 'files' if dialect == 'mt5700' else 'files/update.bin')
        firmware = [] if dialect == 'm531x' else ['-o', 'firmware=' + upgrade['old']]
        sandbox = subprocess.Popen(
            [HAYESWIRE, 'sandbox', dialect, '--tty-link', 'tty', '--http', 'files', '--time', 'x20', *firmware,
             *upgrade['modem']],
            cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

        def end():
            sandbox.terminate()
            sandbox.wait(LIMIT_S)
            sandbox.stdout.close()
        self.addCleanup(end)
        said = Stream(sandbox.stdout.fileno()).wait('files\n')
        ttys = {line: path for line, path in re.findall(r'(?m)^  (\w+) +(/dev/pts/\d+)$', said) if line != 'tty'}
        url = re.search(r'http://\S+/', said).group() + ('' if dialect == 'mt5700' else 'update.bin')
        return ttys, url

    def record(self, ttys, *host):
        """Record a host against the sandbox; return the scenario."""
        further = [word for line, path in ttys.items() for word in ('--device', line + '=' + path)]
        done = self.call('record', '--device', self.path('tty'), *further, '-o', 'recorded.lua', '--stub', 'stub.c',
                         '--', *host)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, 'recorded.lua\nstub.c\n')
        with open(self.path('recorded.lua'), encoding='utf-8') as file:
            return file.read()

    def upgrade(self, dialect):
        """Record a whole upgrade, and run it without the modem, on virtual time."""
        upgrade = UPGRADES[dialect]
        ttys, url = self.sandbox(dialect)
        used = {line: path for line, path in ttys.items() if '{tty:%s}' % line in upgrade['host']}
        program, *words = upgrade['host']
        text = self.record(used, os.path.join(HOSTS, program), *(word.replace('{url}', url) for word in words))
        for passed in upgrade['passed']:
            self.assertRegex(text, passed)
        os.environ['HAYESWIRE_TIME_SCALE'] = '1'
        self.assertIn('1 passed', self.run_(0, 'recorded.lua'))
        self.compile('stub.c')
        return text

    def compile(self, name):
        done = subprocess.run(
            [*COMPILER.split(), '-std=c17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter',
             '-Wmissing-prototypes', '-fsyntax-only', '-I', ROOT, self.path(name)],
            capture_output=True, text=True, timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_bc26(self):
        text = self.upgrade('bc26')
        with open(self.path('stub.c'), encoding='utf-8') as file:
            self.assertIn('{"+QFOTADL", 0 | AT_SET, ', file.read())
        # Another host at the same recording: one that never asks for the upgrade.
        self.write('idle.sh', '#!/bin/sh\nexit 0\n', 0o755)
        self.write('short.lua', text.replace('within = "6', 'within = "0.'))
        self.assertIn('the host did not send "AT', self.run_(1, 'short.lua', '--', './idle.sh'))

    def test_air720_with_both_its_ports(self):
        self.upgrade('air720')

    def test_mt5700_whose_tty_vanishes(self):
        self.upgrade('mt5700')

    def test_m531x_with_blocks_of_a_file(self):
        self.upgrade('m531x')

    def test_wrong_words(self):
        for words, said in (([], 'which modem?'), (['--device', '/dev/null'], 'which host?'),
                            (['--device', 'tcp:127.0.0.1:0', '--', 'true'], 'wants a tty'),
                            (['x', '--device', '/dev/null', '--', 'true'], 'behind --'),
                            (['--device', '/dev/no-such-tty', '--', 'true'], 'No such file')):
            done = self.call('record', *words)
            self.assertIn(done.returncode, (2, 3))
            self.assertIn(said, done.stderr)

    def test_device_that_is_no_tty(self):
        done = self.call('record', '--device', '/dev/null', '--', 'true')
        self.assertEqual(done.returncode, 3)
        self.assertIn('Inappropriate ioctl', done.stderr)


# A modem that is none of ours: it asks for data, sends bytes that are no text, and goes away.
MODEM = '''
import os, pty, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
os.symlink(os.ttyname(slave), sys.argv[1])
print(flush=True)
heard = b""
def hear(end):
    global heard
    while end not in heard:
        heard += os.read(master, 4096)
    text, heard = heard.split(end, 1)
    return text
def say(text):
    os.write(master, text)
booted = False
while True:
    command = hear(b"\\r").strip()
    say(command + b"\\r")
    if command == b"AT+SEND=1":
        say(b"\\r\\n> ")
        say(b"\\r\\n+SENT: %d\\r\\n\\r\\nOK\\r\\n" % len(hear(b"\\x1a")))
    elif command == b"AT+READ":
        say(b"\\r\\n+READ: 8\\r\\n\\x00\\r\\n\\xff]]\\\\\\x1a\\r\\nOK\\r\\n")
    elif command == b"AT+DIE":
        os.unlink(sys.argv[1])
        break
    elif not booted:
        booted = True
        say(b"\\r\\n+BOOT: 1\\r\\n")
    else:
        say(b"\\r\\nOK\\r\\n")
        say(b"\\r\\n+PUSH: 4,\\r\\n\\x01\\r\\n\\x02")
'''

# Its host: it checks each byte, and does not end well.
HOST = '''
import os, sys, termios, tty
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(fd)
heard = b""
def await_end(end):
    global heard
    while not heard.endswith(end):
        heard += os.read(fd, 4096)
    text, heard = heard, b""
    return text
def ask(command, end):
    os.write(fd, command)
    return await_end(end)
ask(b"AT+X\\r", b"+BOOT: 1\\r\\n")
pushed = ask(b"AT+X\\r", b"\\x02")
assert pushed.endswith(b"\\r\\n+PUSH: 4,\\r\\n\\x01\\r\\n\\x02"), pushed
assert b"> " in ask(b"AT+SEND=1\\r", b"> ")
sent = ask(b"AT\\r\\n" + sys.argv[2].encode() + b"\\x1a", b"OK\\r\\n")
assert b"+SENT: " in sent, sent
read = ask(b"AT+READ\\r", b"OK\\r\\n")
assert b"\\r\\n+READ: 8\\r\\n\\x00\\r\\n\\xff]]\\\\\\x1a\\r\\nOK\\r\\n" in read, read
if len(sys.argv) == 3:
    os.kill(os.getpid(), 6)
os.write(fd, b"AT+DIE\\r")
try:
    while os.read(fd, 4096):
        pass
except OSError:
    pass
'''


class Foreign(Case):
    def setUp(self):
        super().setUp()
        self.write('host.py', HOST)
        self.write('modem.py', MODEM)

    def record(self, *words):
        modem = subprocess.Popen([sys.executable, self.path('modem.py'), self.path('tty')], stdout=subprocess.PIPE)
        try:
            modem.stdout.readline()
            done = self.call('record', '--device', self.path('tty'), '--', sys.executable, self.path('host.py'),
                             '{tty}', *words)
        finally:
            modem.kill()
            modem.wait(LIMIT_S)
            modem.stdout.close()
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path('recorded.lua'), encoding='utf-8') as file:
            return file.read()

    def test_prompts_bytes_and_a_host_that_dies(self):
        text = self.record('hello')
        for said in (r'  !  \+BOOT: 1\n', r'  <  > \n', r'  >  AT\\r\\nhello\\x1a\n', r'  ~  \\r\\n\+PUSH: 4,\\r\\n\\x01\\r\\n\\x02\n',
                     r'  ~  \\r\\n\+READ: 8\\r\\n\\x00\\r\\n\\xff\]\]', r'expect_exit\("SIGABRT"'):
            self.assertRegex(text, said)
        for time in ('x20', 'virtual'):
            self.assertIn('1 passed', self.run_(0, 'recorded.lua', '--time', time))
        # Other data are other data, and no other command.
        self.assertIn('1 passed', self.run_(0, 'recorded.lua', '--', sys.executable, self.path('host.py'), '{tty}',
                                            'something else'))

    def test_device_that_goes_away(self):
        text = self.record('hello', 'die')
        self.assertRegex(text, r'  >  AT\+DIE\n.*  \*  gone\n  \]')
        self.assertIn('1 passed', self.run_(0, 'recorded.lua'))


class Replay(Case):
    LOG = '''
scenario("a", function(t)
  local modem = t:modem { dialect = "gpp" }
  local me = t:terminal(modem)
  local recorded = modem:replay [[
    +00:01.000  !  +HELLO
    +00:02.000  >  AT+A?;+B=1
    +00:02.010  <  +A: 1
    +00:02.010  <  OK
    +00:02.500  !  +LATER: 1
    +00:03.000  >  AT+A?
    +00:03.010  <  +A: 2
    +00:03.010  <  OK
    # a comment
    +00:04.000  >  AT+C
    +00:05.000  <  +CME ERROR: 10
    +00:05.500  >  AT+A?
    +00:05.510  <  +A: 3\\\\4
    +00:05.510  <  OK
    +00:06.000  >  AT+D
    +00:06.500  !  \\x01noise\\xff
  ]]
  modem:wait_power("on")
%s
end)
'''

    def play(self, status, body):
        self.write('a.lua', self.LOG % body)
        return self.run_(status, 'a.lua', '--time', 'x20')

    def test_answers_follow_the_place_in_the_log(self):
        self.play(0, '''
  modem:wait_urc("+HELLO")
  for _ = 1, 3 do -- more often than recorded: only what the host has sent already moves the place on
    me:type "AT+A?;+B=1"
    modem:script "> AT+A?;+B=1\\n< +A: %d\\n< OK"
  end
  modem:wait_urc("+LATER: 1")
  me:type "AT+C"
  modem:script "> AT+C\\n< +CME ERROR: 10"
  me:type "AT+A?"
  modem:script "> AT+A?\\n< +A: 3\\\\4\\n< OK"
  me:type "AT+B=7"
  modem:script "> AT+B=7\\n< OK"
  me:type "AT+D"
  recorded:wait()
  t:check(modem:transcript():find("noise", 1, true))
''')

    def test_missing_commands_are_named(self):
        self.assertIn('the host did not send "AT+A?", as it did', self.play(1, '  recorded:wait { within = "10s" }'))

    def test_wrong_lines_are_named(self):
        for line, said in (('+00:01.0 ? x', 'is no "+00:01.234'), ('+00:01.000  <  OK', 'answers no command')):
            self.scenario('b.lua', 't:modem { dialect = "gpp" }:replay [[\n%s\n]]' % line)
            self.assertIn(said, self.run_(2, 'b.lua'))


if __name__ == '__main__':
    unittest.main(verbosity=1)
