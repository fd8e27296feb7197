#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Virtual time from outside: what hosts see of it, that it is the same each time, and what is told when it
cannot work.

Usage: test-vtime.py PATH-OF-HAYESWIRE FOLDER-OF-HOSTS [unittest arguments]
HAYESWIRE_VTIME_RUNS=N: so many runs of each host in the series (default 4).
"""
import contextlib
import glob
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from outside import Case

HOSTS = os.path.abspath(sys.argv.pop(1))
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'vtime')
RUNS = int(os.environ.get('HAYESWIRE_VTIME_RUNS', '4'))
WAYS = ('virtual:shim', 'virtual:ptrace')
PYTHON = '/usr/bin/python3'


def host(name):
    return os.path.join(HOSTS, name)


def has_asan():
    """A host built with the sanitizers: its leak check and its speed are no matter here."""
    with open(host('at-day'), 'rb') as file:
        return b'__asan_init' in file.read()


@contextlib.contextmanager
def load():
    """Both cores busy."""
    burners = [subprocess.Popen(['sh', '-c', 'while :; do :; done']) for _ in range(2)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


class VirtualCase(Case):
    def play(self, status, scenario, way, *words):
        """Run a scenario; return its result and the transcript without pids and ptys."""
        out = tempfile.mkdtemp(dir=self.dir)
        self.stdout = self.run_(status, scenario, '--time', way, '--trace', 'on', '--out', out, *words)
        with open(glob.glob(out + '/2*/results.jsonl')[0], encoding='utf-8') as file:
            result = json.loads(file.readline())
        return result

    def hosts_words(self, result):
        folder = glob.glob(self.dir + '/*/2*/' + result['folder'])
        with open(max(folder, key=os.path.getmtime) + '/host.out', encoding='utf-8') as file:
            return file.read()

    def wait_for_host(self, within='200h', more=''):
        return self.scenario('host.lua', 'local modem = t:modem { dialect = "gpp" }\nlocal host = t:host()\n' + more +
                             'host:expect_exit(0, { within = "%s" })' % within)


class Waits(VirtualCase):
    def expected(self):
        with open(os.path.join(SOURCES, 'waits.txt'), encoding='utf-8') as file:
            return file.read()

    def test_every_wait_takes_its_time_and_no_other(self):
        name = self.wait_for_host()
        for way, program in (*((way, 'at-waits') for way in WAYS), ('auto', 'at-waits'), ('auto', 'at-waits-static')):
            if not os.path.exists(host(program)):
                continue
            result = self.play(0, name, way, '--', host(program), '{tty}')
            self.assertEqual(self.hosts_words(result), self.expected(), (way, program))
            self.assertLess(result['wall_us'], 10e6)

    def test_children_that_outlive_their_parents_stay_on_the_clock(self):
        for way in WAYS:
            result = self.play(0, self.wait_for_host(), way, '--', host('at-misbehave'), 'orphan')
            self.assertEqual(self.hosts_words(result), 'the orphan slept\norphan took 200000 ms\n')

    def test_a_stopped_host_does_not_hold_time(self):
        for way in WAYS:
            result = self.play(0, self.wait_for_host(), way, '--', host('at-misbehave'), 'stopped')
            self.assertEqual(self.hosts_words(result), 'stopped took 60000 ms\n')

    def test_a_death_in_the_middle_of_a_wait(self):
        for way in WAYS:
            result = self.play(1, self.wait_for_host(), way, '--', host('at-misbehave'), 'killed')
            self.assertIn('was killed by SIGKILL', result['message'])
            self.assertGreaterEqual(result['modem_us'], 10000000)

    def test_a_signal_of_the_script_is_taken_at_once(self):
        # Timers of the modem that no host sees run all the time; none may come before the host's answer.
        name = self.scenario('signal.lua', 'local host = t:host()\n'
                             't:spawn(function() for _ = 1, 100 do t:let_pass("1s") end end)\n'
                             't:let_pass("10500ms") host:signal("USR1")\n'
                             't:let_pass("10s") host:signal("USR2")\nhost:expect_exit(0, { within = "1m" })')
        program = ('import select, signal, sys, time\n'
                   'tell = lambda *_: print("%.1f" % (time.monotonic() - 1000), flush=True)\n'
                   'signal.signal(signal.SIGUSR1, tell)\n'
                   'signal.signal(signal.SIGUSR2, lambda *_: (tell(), sys.exit(0)))\n')
        for way in WAYS:
            for wait in ('signal.pause()', 'select.select([], [], [])'):
                result = self.play(0, name, way, '--', PYTHON, '-c', program + 'while True: ' + wait)
                self.assertEqual(self.hosts_words(result), '10.5\n20.5\n', (way, wait))

    def test_a_timer_is_taken_at_once(self):
        name = self.scenario('timer.lua', 'local modem = t:modem { dialect = "gpp" }\nlocal host = t:host()\n'
                             't:spawn(function() for _ = 1, 100 do t:let_pass("1s") end end)\n'
                             'host:expect_exit(0, { within = "1m" })')
        program = ('import select, signal, sys, time\ntimes = []\n'
                   'def tell(*_):\n'
                   '    times.append(time.monotonic() - 1000)\n'
                   '    print("%.1f" % times[-1], flush=True)\n'
                   '    if len(times) == 3: sys.exit(0)\n'
                   'signal.signal(signal.SIGALRM, tell)\n'
                   'signal.setitimer(signal.ITIMER_REAL, 2.5, 10)\n'
                   'while True: select.select([], [], [])\n')
        for way in WAYS:
            for _ in range(RUNS):
                result = self.play(0, name, way, '--', PYTHON, '-c', program)
                self.assertEqual(self.hosts_words(result), '2.5\n12.5\n22.5\n', way)

    def test_shells_and_pipes(self):
        for way in WAYS:
            result = self.play(0, self.wait_for_host(), way, '--', 'sh', '-c',
                               'sleep 3600 | cat; (sleep 1800; echo behind) & echo first; wait; date -u +%H:%M:%S')
            self.assertEqual(self.hosts_words(result), 'first\nbehind\n01:30:00\n')

    def test_without_host_the_clock_jumps(self):
        self.scenario('none.lua', 't:modem { dialect = "gpp" }\nt:let_pass("1000h")')
        result = self.play(0, 'none.lua', 'auto')
        self.assertEqual(result['time'], 'virtual')
        self.assertLess(result['wall_us'], 1e6)


class Choice(VirtualCase):
    def test_auto_says_what_it_chose(self):
        name = self.wait_for_host()
        self.assertEqual(self.play(0, name, 'auto', '--', 'true')['time'], 'virtual (shim)')
        self.assertIn('virtual (shim)', self.stdout)
        if os.path.exists(host('at-waits-static')):
            self.assertEqual(self.play(0, name, 'auto', '--', host('at-waits-static'), '{tty}')['time'],
                             'virtual (ptrace)')

    def test_a_script_goes_by_its_interpreter(self):
        self.write('host', '#!/usr/bin/env -S sh -e\nsleep 60\n', 0o755)
        result = self.play(0, self.wait_for_host(), 'auto', '--', self.path('host'))
        self.assertEqual(result['time'], 'virtual (shim)')

    @unittest.skipIf(os.geteuid() != 0, 'only root can make a program setuid')
    def test_setuid_falls_back_to_real_time_or_is_refused(self):
        program = self.path('setuid')
        shutil.copy('/bin/true', program)
        os.chown(program, 65534, 65534)
        os.chmod(program, 0o4755)
        result = self.play(0, self.wait_for_host(), 'auto', '--', program)
        self.assertRegex(result['time'], r'^real: .*setuid')
        result = self.play(4, self.wait_for_host(), 'virtual', '--', program)
        self.assertRegex(result['message'], r'cannot run in virtual time: setuid; use --time real')

    def test_a_static_program_is_refused_under_the_shim(self):
        if not os.path.exists(host('at-waits-static')):
            self.skipTest('no static C library')
        result = self.play(4, self.wait_for_host(), 'virtual:shim', '--', host('at-waits-static'), '{tty}')
        self.assertIn('static; use --time virtual:ptrace', result['message'])

    def test_a_static_child_is_found_and_named(self):
        if not os.path.exists(host('at-waits-static')):
            self.skipTest('no static C library')
        result = self.play(4, self.wait_for_host(), 'virtual:shim', '--', 'sh', '-c',
                           host('at-waits-static') + ' $HAYESWIRE_TTY; true')
        self.assertRegex(result['message'], r'pid \d+ of the host \(.*at-waits-static\) has not loaded the shim')


class Verdicts(VirtualCase):
    def test_a_host_that_spins_on_the_clock_gets_on(self):
        for way in WAYS:
            for habit in ('spin', 'peek'):
                result = self.play(0, self.wait_for_host(), way, '--', host('at-misbehave'), habit)
                self.assertIn('over and over without waiting', ' '.join(result['notes']))
                self.assertEqual(self.hosts_words(result), habit + ' took 1000 ms\n')

    def test_a_host_that_polls_each_millisecond_is_told(self):
        result = self.play(0, self.wait_for_host(), 'virtual:shim', '--', host('at-misbehave'), 'tick')
        self.assertRegex(' '.join(result['notes']), r'makes virtual time slow.*thread \d+ of pid \d+ \(at-misbehave\)')

    def test_a_host_that_computes_for_ever_is_ended(self):
        for way in WAYS:
            start = time.monotonic()
            result = self.play(1, self.wait_for_host(), way, '-t', '4s', '--', host('at-misbehave'), 'compute')
            self.assertRegex(result['message'], r'computed for 1 s of wall time.*thread \d+ of pid \d+ .* is running')
            self.assertLess(time.monotonic() - start, 20)

    def test_a_host_that_waits_for_nothing_shows_its_call(self):
        for way in WAYS:
            result = self.play(1, self.wait_for_host('1h'), way, '--', host('at-misbehave'), 'forever')
            threads = dict(result['rows'])['threads']
            self.assertRegex(threads, r'^thread \d+ of pid \d+ \(at-misbehave\) waits in (pause|ppoll|rt_sigsuspend)$')


class SameEachTime(VirtualCase):
    """One digest per host and seed: idle, with both cores loaded, and by either way."""

    def series(self, words, ways=WAYS, options=()):
        scenario = os.path.join(SOURCES, 'day.lua')
        digests = {}
        for way in ways:
            for i in range(RUNS):
                with load() if i >= (RUNS + 1) // 2 else contextlib.nullcontext():
                    result = self.play(0, scenario, way, *options, '--', *words)
                digests.setdefault(result['digest'], []).append((way, i))
        self.assertEqual(len(digests), 1, digests)

    def test_c(self):
        self.series([host('at-day'), '{tty}'])

    def test_a_day_of_an_upgrading_module(self):
        day = os.path.join(os.path.dirname(SOURCES), '..', 'scenarios', 'air720', 'day.lua')
        results = [self.play(0, day, way) for way in WAYS]
        self.assertEqual(results[0]['digest'], results[1]['digest'])
        self.assertGreater(results[0]['modem_us'], 24 * 3600 * 1000000)

    def test_static_c(self):
        if not os.path.exists(host('at-day-static')):
            self.skipTest('no static C library')
        self.series([host('at-day-static'), '{tty}'], ['auto'])

    def test_python(self):
        if subprocess.run([PYTHON, '-c', 'import serial'], check=False, capture_output=True).returncode != 0:
            self.skipTest('no pyserial')
        self.series([PYTHON, os.path.join(SOURCES, 'day.py'), '{tty}'])

    def test_node(self):
        node = shutil.which('node')
        if not node:
            self.skipTest('no Node')
        self.series([node, os.path.join(SOURCES, 'day.js'), '{tty}'])

    def test_bash(self):
        self.series(['bash', os.path.join(SOURCES, 'day.sh'), '{tty}'])

    def test_go(self):
        if not shutil.which('go'):
            self.skipTest('no Go')
        program = self.path('day-go')
        env = dict(os.environ, CGO_ENABLED='0', GOCACHE=self.path('cache'), GOFLAGS='-mod=mod')
        built = subprocess.run(['go', 'build', '-o', program, os.path.join(SOURCES, 'day.go')], env=env, check=False,
                               capture_output=True, text=True)
        if built.returncode != 0:
            self.skipTest('Go does not build: ' + built.stderr)
        self.series([program, '{tty}'], ['auto'], ['--one-cpu'])


class Reads(VirtualCase):
    """A modem tells its progress by timers of its own, and the host waits for it in each of the ways there are."""
    AT_ONCE = ('poll', 'limit', 'select', 'epoll', 'edge', 'byte', 'block', 'stdio', 'signal', 'nested', 'child')

    def setUp(self):
        super().setUp()
        self.scenario('fota.lua', 'local package = t:package { dialect = "bc26", from = "BC26NBR01A05", '
                      'to = "BC26NBR01A06" }\n'
                      'local url = t:http():publish("/update.bin", package)\n'
                      'local modem = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", '
                      'update_time = "10s" }\nt:let_pass("1m")\n'
                      'local host = t:host { "%s", "{how}", modem.tty, url }\n' % host('at-reads') +
                      'host:expect_exit(0, { within = "30m" })')

    def heard(self, how, way):
        with open(self.path('fota.lua'), encoding='utf-8') as file:
            text = file.read().replace('{how}', how)
        self.write(how + '.lua', text)
        words = self.hosts_words(self.play(0, how + '.lua', way, '--seed', '1'))
        return re.sub(r'127\.0\.0\.1:\d+', 'SERVER', words)

    def test_each_line_is_seen_when_it_is_said(self):
        wanted = self.heard('poll', 'virtual:ptrace')
        self.assertEqual(wanted.count('UPDATING'), 100, wanted)
        for how in self.AT_ONCE:
            for i in range(RUNS):
                with load() if i >= (RUNS + 1) // 2 else contextlib.nullcontext():
                    self.assertEqual(self.heard(how, 'virtual:shim'), wanted, (how, i))
            self.assertEqual(self.heard(how, 'virtual:ptrace'), wanted, how)

    def test_late_readers_are_late_by_the_same_time(self):
        for how in ('deaf', 'flood'):
            wanted = self.heard(how, 'virtual:ptrace')
            for i in range(RUNS):
                with load() if i >= (RUNS + 1) // 2 else contextlib.nullcontext():
                    self.assertEqual(self.heard(how, 'virtual:shim'), wanted, (how, i))


class SlowServer(http.server.BaseHTTPRequestHandler):
    """Serves its bytes in pieces with pauses, as a network does."""
    content = b''
    piece = 4096
    pause_s = 0.0

    def do_GET(self):
        time.sleep(self.pause_s)
        self.send_response(200)
        self.send_header('Content-Length', str(len(self.content)))
        self.end_headers()
        for i in range(0, len(self.content), self.piece):
            self.wfile.write(self.content[i:i + self.piece])
            self.wfile.flush()
            time.sleep(self.pause_s)

    def log_message(self, *_):
        pass


class RealServer(VirtualCase):
    def test_a_real_download_holds_the_clock_and_its_pace_does_not_show(self):
        done = self.call('package', 'make', '--dialect', 'bc26', '--from', 'BC26NBR01A05', '--to', 'BC26NBR01A06',
                         '-o', 'update.bin')
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path('update.bin'), 'rb') as file:
            SlowServer.content = file.read()
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), SlowServer)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = 'http://127.0.0.1:%d/update.bin' % server.server_port
        self.scenario('fota.lua', 'local modem = t:modem { dialect = "bc26", firmware = "BC26NBR01A05" }\n'
                      'local host = t:host { "bc26-updater", modem.tty, "%s" }\n' % url +
                      'modem:wait_urc(\'+QIND: "FOTA","END",0\', { within = "30m" })\n'
                      'host:expect_exit(0, { within = "5m" })')
        digests = set()
        for SlowServer.piece, SlowServer.pause_s in ((1 << 20, 0), (5000, 0.02), (30000, 0.15)):
            digests.add(self.play(0, 'fota.lua', 'virtual')['digest'])
        self.assertEqual(len(digests), 1)


class Lines(VirtualCase):
    def test_a_host_has_modem_control_lines(self):
        self.play(0, os.path.join(SOURCES, 'lines.lua'), 'auto', '--lines', '--', host('at-lines'), '{tty}')

    def test_without_the_option_a_pty_has_none(self):
        result = self.play(1, os.path.join(SOURCES, 'lines.lua'), 'auto', '--', host('at-lines'), '{tty}')
        self.assertIn('Inappropriate ioctl', str(result['rows']))


if __name__ == '__main__':
    unittest.main()
