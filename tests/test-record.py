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

OLD, NEW = 'BC26NBR01A05', 'BC26NBR01A06'


class Record(Case):
    def setUp(self):
        super().setUp()
        os.environ['HAYESWIRE_TIME_SCALE'] = '20'

    def record(self, *host, options=()):
        """Record a host against a sandbox of the same folder; return the scenario."""
        os.mkdir(self.path('files'))
        self.call('package', 'make', '--dialect', 'bc26', '--from', OLD, '--to', NEW, '-o', 'files/update.bin')
        sandbox = subprocess.Popen(
            [HAYESWIRE, 'sandbox', 'bc26', '--tty-link', 'tty', '--http', 'files', '--time', 'x20',
             '-o', 'firmware=' + OLD, '-o', 'update_time=5s', '-o', 'download_rate=16k', *options],
            cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        out = Stream(sandbox.stdout.fileno())
        url = re.search(r'http://\S+/', out.wait('files\n')).group() + 'update.bin'
        device = os.readlink(self.path('tty'))
        try:
            done = self.call('record', '--device', device, '-o', 'recorded.lua', '--stub', 'stub.c', '--',
                             *[word.replace('{url}', url) for word in host])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout, 'recorded.lua\nstub.c\n')
        finally:
            sandbox.terminate()
            sandbox.wait(LIMIT_S)
            sandbox.stdout.close()
        with open(self.path('recorded.lua'), encoding='utf-8') as file:
            return file.read()

    def test_upgrade_is_recorded_and_runs_without_the_modem(self):
        text = self.record(UPDATER, '{tty}', '{url}')
        self.assertIn('modem.tty', text)
        self.assertRegex(text, r'\+00:\d\d\.\d{3}  >  AT\+QFOTADL=')
        self.assertRegex(text, r'  <  Revision: ' + OLD)
        self.assertRegex(text, r'  !  \+QIND: "FOTA","END",0')
        os.environ['HAYESWIRE_TIME_SCALE'] = '1'
        self.assertIn('1 passed', self.run_(0, 'recorded.lua'))
        # Another host at the same recording: one that never asks for the upgrade.
        self.write('idle.sh', '#!/bin/sh\nexit 0\n', 0o755)
        self.write('short.lua', text.replace('within = "6', 'within = "0.'))
        self.assertIn('the host did not send "AT', self.run_(1, 'short.lua', '--', './idle.sh'))
        done = subprocess.run(
            [*COMPILER.split(), '-std=c17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter',
             '-Wmissing-prototypes', '-fsyntax-only', '-I', ROOT, self.path('stub.c')],
            capture_output=True, text=True, timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path('stub.c'), encoding='utf-8') as file:
            self.assertIn('{"+QFOTADL", 0 | AT_SET, ', file.read())

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
