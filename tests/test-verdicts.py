#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What Hayeswire says of bad hosts and bad scenarios, from outside: statuses, sentences, rows.

Each bad host is run against a scenario that a good one passes. A verdict is worth something only if
both are seen.

Usage: test-verdicts.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import os
import re
import resource
import signal
import sys
import threading
import time
import unittest

from outside import HAYESWIRE, LIMIT_S, Case, is_alive

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCENARIOS = os.path.join(SOURCE, 'tests', 'scenarios')
READY = ['sh', '-c', 'exec 3<>"$1"; echo $$ > pid; echo ready; exec tail -f /dev/null', 'sh', '{tty}']


def children_of(folder):
    """Processes that were started for a scenario below the folder, and are still there."""
    found = []
    mark = ('HAYESWIRE_DIR=' + folder).encode()
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/environ' % pid, 'rb') as file:
                if mark in file.read() and is_alive(int(pid)):
                    found.append(int(pid))
        except OSError:
            pass
    return found


class Verdict(Case):
    """A run of a scenario of tests/scenarios; its failure in pieces."""

    def setUp(self):
        super().setUp()
        self.dir = os.path.realpath(self.dir)

    def tearDown(self):
        self.assertEqual(children_of(self.dir), [])

    def judge(self, name, status, *host, time='x20'):
        self.line = self.message = None
        self.rows = {}
        path = os.path.join(SCENARIOS, name + '.lua')
        out = self.run_(status, path, '--time', time, *(['--', *host] if host else []))
        self.pieces(out.splitlines())
        self.first = re.match(r'(\S+) +\S+/%s\.lua:(\d+) ' % name, out)
        self.assertTrue(self.first, out)
        return out

    def pieces(self, lines):
        label = None
        for line in lines:
            row = re.match(r'      (\S+(?: \S+)*)(?: {3,})(\S.*)$', line)
            if row and '|' not in row.group(1):
                label = row.group(1)
                self.rows[label] = [row.group(2)]
            elif line.startswith(' ' * 9) and label:
                self.rows[label].append(line.strip())
            elif line.startswith('      ') and self.message is None:
                self.message = line.strip()

    def row(self, label):
        self.assertIn(label, self.rows)
        return '\n'.join(self.rows[label])

    def check_kept(self, slug):
        kept = self.row('kept').split()
        self.assertRegex(kept[0], r'^out/\d{8}-\d{6}(-\d+)?/%s/$' % slug)
        for name in kept[1:]:
            self.assertTrue(os.path.exists(os.path.join(self.dir, kept[0], name)), name)
        self.assertEqual(kept[1:3], ['transcript.txt', 'trace.jsonl'])


class GoodHost(Verdict):
    def test_passes_all_of_them(self):
        for name in ('upgrade', 'ask-again', 'wrong-base', 'quiet'):
            out = self.judge(name, 0, 'bc26-updater', '{tty}', '{url}')
            self.assertEqual(self.first.group(1), 'ok', out)
            self.assertEqual(len(out.splitlines()), 2, out)
            self.assertEqual(os.listdir(self.folder()), ['results.jsonl'])


class BadHosts(Verdict):
    def bug(self, bug, name, line, message):
        """Return the whole text."""
        out = self.judge(name, 1, 'bc26-updater', '--bug', bug, '{tty}', '{url}', time='x40')
        self.assertEqual(self.first.groups(), ('FAIL', str(line)), out)
        self.assertEqual(self.message, message, out)
        self.check_kept(name)
        return out

    def test_that_never_retries(self):
        self.bug('never-retries', 'ask-again', 13,
                 'the host did not send "AT+QFOTADL=" within 2 m of modem time; it is alive, '
                 'the tty is open at 115200  (the module has forgotten the upgrade)')
        self.assertRegex(self.row('matched so far'),
                         r'^line 10 +AT\+QFOTADL="http://127\.0\.0\.1:\d+/update\.bin" at \+00:\d\d\.\d{3}$')
        self.assertRegex(self.row('nearest'), r'^ATI? +at \+\d\d:\d\d\.\d{3}, differs at byte 3$')
        since = self.row('since then')
        for text in ('# bc26 state: net attached', '! +CPIN: READY', '> ATI\\r', 'Revision: BC26NBR01A05',
                     '| bc26-updater: the module runs BC26NBR01A05'):
            self.assertIn(text, re.sub(' +', ' ', since))
        self.assertRegex(self.row('faults'),
                         r'^bc26\.fota\.download@50%=power_cut +fired 1 of 1 at \+00:\d\d\.\d{3}$')
        self.assertRegex(self.row('host'), r'^pid \d+ running; last stderr: ".*BC26NBR01A05"$')
        again = self.paste(1, self.row('again'))
        self.assertIn('the host did not send "AT+QFOTADL=" within 2 m', again)

    def test_that_takes_a_download_for_success(self):
        self.bug('success-at-httpend', 'wrong-base', 10,
                 'the host exited with 0; exit status 4 was expected  '
                 '(its status for a package that does not fit)')
        self.assertRegex(self.row('host'), r'^exited with 0 at \+\d\d:\d\d\.\d{3}; last stderr: ".*done"$')

    def test_that_dies(self):
        self.bug('dies', 'upgrade', 10, 'the host was killed by SIGABRT; exit status 0 was expected')
        self.assertRegex(self.row('host'), r'^killed by SIGABRT at \+\d\d:\d\d\.\d{3}; last stderr: ')

    def test_that_hangs(self):
        self.bug('hangs', 'upgrade', 10, 'the host did not exit within 2 m of modem time')
        self.assertIn('+QIND: "FOTA","END",0', self.row('since then'))
        self.assertRegex(self.row('host'), r'^pid \d+ running; last stderr: ')

    def test_that_never_reads(self):
        self.bug('no-read', 'upgrade', 10, 'the host did not exit within 2 m of modem time')
        self.assertIn('>  AT+CSQ', self.row('since then'))
        self.assertRegex(self.row('host'), r'^pid \d+ running; it printed nothing$')

    def test_that_stops_at_the_boot_rom(self):
        self.bug('stops-at-banner', 'upgrade', 10, 'the host exited with 5; exit status 0 was expected')

    def test_that_talks_into_the_upgrade(self):
        self.bug('spams', 'quiet', 10, 'the host sent pat"^AT", which it must not  (the module upgrades)')
        self.assertRegex(self.row('it came'), r'^AT\+CSQ +at \+\d\d:\d\d\.\d{3}$')


class HostsInTrouble(Verdict):
    def kill_when_ready(self, number):
        limit = time.monotonic() + LIMIT_S

        def strike():
            while time.monotonic() < limit:
                try:
                    with open(self.path('pid'), encoding='ascii') as file:
                        os.kill(int(file.read()), number)
                    return
                except (FileNotFoundError, ValueError):
                    time.sleep(0.01)  # the host is not there yet
        thread = threading.Thread(target=strike)
        thread.start()
        self.addCleanup(thread.join)

    def test_killed_from_outside(self):
        self.kill_when_ready(signal.SIGKILL)
        self.judge('exit', 1, 'sh', '-c', 'echo ready; echo $$ > pid; exec tail -f /dev/null')
        self.assertEqual(self.message, 'the host was killed by SIGKILL; exit status 0 was expected')
        self.assertRegex(self.row('host'), r'^killed by SIGKILL at \+\d\d:\d\d\.\d{3}; last stdout: "ready"$')

    def test_that_closes_the_tty(self):
        self.judge('ask', 1, 'sh', '-c', 'printf "AT+CSQ?\\r" > "$1"; echo ready; exec tail -f /dev/null',
                   'sh', '{tty}')
        self.assertEqual(self.message, 'the host did not send "AT+CSQ" within 3 s of modem time; '
                                       'it is alive, the tty is closed')
        self.assertRegex(self.row('nearest'), r'^AT\+CSQ\? +at \+\S+, differs at byte 7$')

    def test_that_has_gone(self):
        self.judge('ask', 1, 'sh', '-c', 'echo ready; exit 3')
        self.assertEqual(self.message, 'the host did not send "AT+CSQ" within 3 s of modem time; '
                                       'it exited with 3, the tty is closed')
        self.assertRegex(self.row('host'), r'^exited with 3 at ')

    def test_that_never_reads_costs_bounded_memory_and_is_told(self):
        out = self.judge('talk', 0, *READY)
        told = re.search(r'(?m)^      note  bc26 dropped (\d+) bytes that the host did not read$', out)
        # 4,000 lines of 100 bytes; the queue holds 64 KiB, and the kernel's buffers some more.
        self.assertTrue(told, out)
        self.assertTrue(400000 - 200000 < int(told.group(1)) < 400000 - 65536, out)

    def test_that_never_reads_has_a_row_in_failures(self):
        self.judge('talk', 1, 'sh', '-c', 'exec 3<>"$1"; trap "exit 0" TERM; echo ready; tail -f /dev/null',
                   'sh', '{tty}')
        self.assertEqual(self.message, 'the host exited with 0; the end by SIGTERM was expected')
        self.assertRegex(self.row('unread'), r'^bc26 dropped \d{6} bytes that the host did not read$')

    def test_missing(self):
        path = os.path.join(SCENARIOS, 'exit.lua')
        self.run_(4, path, '--', './no-such-host')
        self.assertEqual(self.stderr, 'hayeswire: ./no-such-host: no such program\n')
        self.run_(4, path, '--', 'bc26-updatr')
        self.assertIn('did you mean bc26-updater?', self.stderr)


class BadScenarios(Verdict):
    def test_fault_that_never_fires(self):
        self.judge('unfired', 1)
        self.assertEqual(self.first.groups(), ('FAIL', '6'))
        self.assertEqual(self.message, 'the fault "bc26.fota.update@37%=power_cut" never fired')
        self.assertRegex(self.row('faults'), '^bc26.fota.update@37%=power_cut +never fired$')

    def test_endless_loop(self):
        self.judge('endless', 2)
        self.assertEqual(self.first.group(1), 'INVALID')
        self.assertIn(self.first.group(2), '456')  # wherever in the loop it was stopped
        self.assertEqual(self.message, 'this ran too long without waiting: is the loop endless?')

    def test_misspelt_names(self):
        modem = 'local m = t:modem { dialect = "bc26"'
        for number, (body, said) in enumerate((
                ('t:modem { dialect = "bc62" }', 'no dialect "bc62"; did you mean "bc26"?'),
                (modem + ', frimware = "x" }', 'unknown option "frimware"; did you mean "firmware"?'),
                (modem + ', quirks = { "cesq-seed-value" } }', 'did you mean "cesq-seed-values"?'),
                (modem + ' }\n  m:expekt "AT"', 'did you mean "expect"?'),
                (modem + ' }\n  m:expect("AT", { witin = "1s" })', 'unknown option "witin"; did you mean "within"?'),
                (modem + ' }\n  m:fault "bc26.fota.updte=power_cut"', 'did you mean "bc26.fota.update"?'),
                (modem + ' }\n  m:fault "bc26.fota.update=powercut"', 'did you mean "power_cut"?'),
                (modem + ' }\n  m:wait_power "onn"', 'there is no "onn"; did you mean "on"?'),
                (modem + ', rsrp = "loud" }', 'rsrp'),
                ('tt:host()', 'the name "tt" is not defined'))):
            name = self.scenario('s%d.lua' % number, '  ' + body)
            out = self.run_(2, name)
            self.assertIn(said, out)
            self.assertRegex(out, r'^INVALID  s%d\.lua:%d ' % (number, 2 + body.count('\n')))


class Manners(Verdict):
    def used_s(self, name):
        """CPU seconds of a run: hayeswire, the scenario's process and its host."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.judge(name, 0, *READY, time='real')
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def test_does_not_spin_while_nothing_happens(self):
        # Three seconds of idleness against the same without them: starting costs what it costs.
        started_s = self.used_s('start')
        self.assertLess(self.used_s('idle') - started_s, 0.3)

    def test_leaves_nothing_behind(self):
        self.judge('idle', 0, *READY, time='x20')
        self.assertEqual(os.listdir(self.folder()), ['results.jsonl'])
        with open(self.path('pid'), encoding='ascii') as file:
            self.assertFalse(is_alive(int(file.read())))
        self.assertEqual(sorted(os.listdir(self.dir)), ['out', 'pid'])

    def test_every_scenario_of_the_tree_is_a_test(self):
        with open(os.path.join(SOURCE, 'scenarios', 'meson.build'), encoding='utf-8') as file:
            listed = set(re.findall(r"^  '(\S+)',$", file.read(), re.M))
        found = set()
        for folder, folders, names in os.walk(os.path.join(SOURCE, 'scenarios')):
            folders[:] = [name for name in folders if name != 'lib']
            place = os.path.relpath(folder, os.path.join(SOURCE, 'scenarios'))
            found.update(os.path.join(place, name[:-4]) for name in names if name.endswith('.lua'))
        self.assertEqual(listed, found)


if __name__ == '__main__':
    unittest.main()
