#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hayeswire sandbox from outside: what it prints, its link, its ports, its keys, what it saves.

Usage: test-sandbox.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import termios
import time
import tty
import unittest

from outside import HAYESWIRE, LIMIT_S, Case
from desk import PEOPLE
from terminal import Program, Stream, Tty

OLD, NEW = 'BC26NBR01A05', 'BC26NBR01A06'
QUICK = ['-o', 'firmware=' + OLD, '-o', 'update_time=5s', '-o', 'download_rate=64k', '--time', 'x20']


class SandboxCase(Case):
    def setUp(self):
        super().setUp()
        os.environ['XDG_RUNTIME_DIR'] = self.dir

    def sandbox(self, *words):
        """On a terminal of its own."""
        program = Program(HAYESWIRE, 'sandbox', *words, cwd=self.dir)
        self.addCleanup(program.close)
        return program

    def quiet(self, *words):
        """Without any terminal; its stdout as a stream."""
        with open(self.path('events'), 'ab') as events:  # a pipe that nobody reads would hold it up
            process = subprocess.Popen([HAYESWIRE, 'sandbox', *words], cwd=self.dir,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=events)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, Stream(process.stdout.fileno())

    def tty(self, path):
        opened = Tty(path)
        self.addCleanup(opened.close)
        return opened

    def package(self):
        os.mkdir(self.path('files'))
        done = self.call('package', 'make', '--dialect', 'bc26', '--from', OLD, '--to', NEW,
                         '-o', 'files/update.bin')
        self.assertEqual(done.returncode, 0, done.stderr)


class Desk(SandboxCase):
    def test_it_says_how_to_connect_and_cleans_up(self):
        process, out = self.quiet('bc26')
        text = out.wait('screen') + out.wait('\n')
        link = self.path('hayeswire-bc26')
        path = re.search(r'tty +(/dev/pts/\d+)', text).group(1)
        self.assertEqual(os.readlink(link), path)
        for line in ('tio %s\n', 'picocom -b 115200 %s\n', '-D %s\n', 'screen %s 115200\n'):
            self.assertIn(line % link, text)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT_S), 0)
        self.assertFalse(os.path.lexists(link))

    def test_modem_answers_and_the_log_shows_both_directions(self):
        process, out = self.quiet('bc26', '--time', 'x20')
        out.wait('screen')
        host = self.tty(self.path('hayeswire-bc26'))
        host.train()
        self.assertIn(OLD[:4], host.ask('ATI'))
        self.assertIn('+QFOTADL', host.ask('AT+CLAC'))
        self.assertIn('+CSQ: (0-31,99)', host.ask('AT+CSQ=?'))
        process.terminate()
        self.assertEqual(process.wait(LIMIT_S), 128 + signal.SIGTERM)
        with open(self.path('events'), encoding='latin-1') as events:
            log = events.read()
        self.assertRegex(log, r'(?m)^\+00:\S+  >  .*ATI\\r$')
        self.assertRegex(log, r'(?m)^\+00:\S+  <  .*Quectel')

    DIALECTS = ('air720', 'bc26', 'm531x', 'mt5700')

    def reply(self, host, command):
        """Up to its final result."""
        host.send(command + '\r')
        text = ''
        while not re.search(r'(?m)^(OK|ERROR)\r$', text):
            text += host.wait('\n')
        return text

    def test_clac_and_test_forms_tell_what_is_there(self):
        for dialect in self.DIALECTS:
            rows = json.loads(self.call('list', 'commands', '-d', dialect, '--json').stdout)
            _, out = self.quiet(dialect, '--time', 'x20', '--tty-link', dialect)
            out.wait('screen')
            host = self.tty(self.path(dialect))
            host.train()
            clac = re.findall(r'(?m)^(?:\+CLAC: *)?AT(\S+)\r$', self.reply(host, 'AT+CLAC'))
            self.assertEqual(sorted(set(clac) - {'+CLAC'}), sorted({row['name'] for row in rows} - {'+CLAC'}), dialect)
            for row in rows:
                if row['name'][0] in '+^*':
                    said = self.reply(host, 'AT' + row['name'] + '=?')
                    self.assertEqual('ERROR\r' not in said, 'test' in row['forms'], (dialect, row, said))

    def test_modem_begins_in_factory_state_and_registers(self):
        for dialect in self.DIALECTS:
            _, out = self.quiet(dialect, '--time', 'x20', '--tty-link', dialect)
            out.wait('screen')
            host = self.tty(self.path(dialect))
            host.train()
            while not re.search(r'\+CEREG: \d,1', self.reply(host, 'AT+CEREG?')):
                pass
            self.assertIn('READY', self.reply(host, 'AT+CPIN?'))

    def test_upgraded_firmware_survives_in_the_state_folder(self):
        self.package()
        _, out = self.quiet('bc26', '--state', 'state', '--http', 'files', '--tty-link', 'tty', *QUICK)
        url = re.search(r'http://\S+/', out.wait('files\n')).group()
        host = self.tty(self.path('tty'))
        host.train()
        host.ask('AT+QFOTADL="%supdate.bin"' % url)
        host.wait('Leaving the BROM')
        host.train()
        self.assertIn(NEW, host.ask('ATI'))
        _, out = self.quiet('bc26', '--state', 'state', '--tty-link', 'tty2', *QUICK)
        self.assertIn('firmware ' + NEW, out.wait('screen'))

    def test_settings_survive_in_the_state_folder(self):
        for expected in ('+IPR: 0', '+IPR: 9600'):
            process, out = self.quiet('bc26', '--state', 'state', '--time', 'x20')
            out.wait('screen')
            host = self.tty(self.path('hayeswire-bc26'))
            settings = termios.tcgetattr(host.fd)
            if expected != '+IPR: 0':
                settings[4] = settings[5] = termios.B9600
                termios.tcsetattr(host.fd, termios.TCSANOW, settings)
            host.train()
            self.assertIn(expected, host.ask('AT+IPR?'))
            host.send('AT+IPR=9600;&W\r')
            host.wait('OK')
            process.terminate()
            process.wait(LIMIT_S)
            process.stdout.close()

    def test_several_modems_with_options_of_their_own(self):
        _, out = self.quiet('one=bc26', 'bc26', 'bc26', '-o', 'one.firmware=A', '-o', 'bc262.firmware=C',
                            '--tty-link', 'tty')
        text = out.wait('screen tty-bc262')
        for name, version in (('one', 'A'), ('bc26', 'BC26NB'), ('bc262', 'C')):
            self.assertRegex(text, r'(?m)^%s +.*firmware %s' % (name, version))
        for link in ('tty', 'tty-bc26', 'tty-bc262'):
            self.assertTrue(os.path.islink(self.path(link)), link)

    def test_link_of_a_running_sandbox_is_left_alone(self):
        _, first = self.quiet('bc26')
        first.wait('screen')
        before = os.readlink(self.path('hayeswire-bc26'))
        _, second = self.quiet('bc26')
        self.assertIn('hayeswire-bc26-2', second.wait('screen'))
        self.assertEqual(os.readlink(self.path('hayeswire-bc26')), before)

    def test_wrong_words_name_the_nearest(self):
        for words, said in ((['bc62'], 'did you mean bc26?'), ([], 'which modem?'),
                            (['bc26', '-o', 'netwrok=none'], 'did you mean "network"?'),
                            (['bc26', '-q', 'no-such'], 'unknown quirk'),
                            (['bc26', '--fault', 'line.rxx=drop'], 'line.rx'),
                            (['bc26', '--http', 'nowhere'], 'not a folder'),
                            (['bc26', '--port', 'tcp:0.0.0.0:0'], 'only loopback'),
                            (['bc26', '--port', '/dev/x@1'], 'a rate such as'),
                            (['bc26', '--time', 'x'], 'wants real'),
                            (['bc26', '--attach', 'auto'], 'write the program behind --'),
                            (['bc26', '-i', '--', 'true'], 'would type at one tty'),
                            (['bc26', '--', 'true', '{tyt}'], 'did you mean {tty}?'),
                            (['bc26', '--offer', __file__], 'make one with hayeswire package make')):
            done = self.call('sandbox', *words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(said, done.stderr)
        done = self.call('sandbox', 'bc26', '-i', '--port', 'tcp:127.0.0.1:0')
        self.assertEqual(done.returncode, 3)
        self.assertIn('type at it from the other side', done.stderr)


class Ports(SandboxCase):
    def test_serial_device(self):
        master, slave = pty.openpty()  # the board's side, and the device
        self.addCleanup(os.close, master)
        tty.setraw(slave)
        path = os.ttyname(slave)
        _, out = self.quiet('bc26', '--port', path + '@9600', '--time', 'x20')
        out.wait('link')
        self.assertEqual(termios.tcgetattr(slave)[5], termios.B9600)
        os.close(slave)
        board = Tty.__new__(Tty)
        Stream.__init__(board, master)
        board.train()
        self.assertIn('Quectel', board.ask('ATI'))

    def test_tcp_on_loopback(self):
        _, out = self.quiet('bc26', '--port', 'tcp:127.0.0.1:0', '--time', 'x20')
        number = int(re.search(r'tcp:127.0.0.1:(\d+)', out.wait('socat')).group(1))
        for _ in range(2):  # a host may come again
            with socket.create_connection(('127.0.0.1', number), LIMIT_S) as host:
                peer = Tty.__new__(Tty)
                Stream.__init__(peer, host.fileno())
                peer.train()
                self.assertIn('Quectel', peer.ask('ATI'))
                with socket.create_connection(('127.0.0.1', number), LIMIT_S) as second:
                    second.settimeout(LIMIT_S)
                    self.assertEqual(second.recv(1), b'')

    def test_attached_to_a_pty_of_an_emulator(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        _, out = self.quiet('bc26', '--attach', os.ttyname(slave), '--time', 'x20')
        out.wait('link')
        os.close(slave)
        board = Tty.__new__(Tty)
        Stream.__init__(board, master)
        board.train()
        self.assertIn('Quectel', board.ask('ATI'))


# A program that opens a pty of its own, as emulators do, and says so in the words of argv[1].
EMULATOR = '''
import os, pty, select, sys, time, tty
console, slave = pty.openpty()
print("UART_0 connected to pseudotty: " + os.ttyname(slave), flush=True)
master, uart = pty.openpty()
tty.setraw(uart)
print(sys.argv[1] % os.ttyname(uart), flush=True)
os.close(uart)
os.set_blocking(master, False)  # until somebody opens it, it looks readable
said = b""
while b"Quectel" not in said:
    try:
        os.write(master, b"AT\\rATI\\r")
        if select.select([master], [], [], 0.2)[0]:
            said += os.read(master, 4096)
    except OSError:
        time.sleep(0.01)  # nobody has it open yet
'''


class Beside(SandboxCase):
    def test_tty_is_found_in_what_the_program_prints(self):
        self.write('emulator.py', EMULATOR)
        for words, port in (('UART_1 connected to pseudotty: %s', 'auto:UART_1'),
                            ('char device redirected to %s (label serial0)', 'auto:label serial0')):
            done = self.call('sandbox', 'bc26', '--time', 'x20', '--attach', port, '--', sys.executable, 'emulator.py',
                             words)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn('is the one that the program prints', done.stdout)
            self.assertIn('Quectel', done.stderr)

    def test_program_gets_what_run_gives_and_its_end_is_the_sandboxs(self):
        self.write('host.py', 'import os, sys\n'
                              'print(sys.argv[1:], os.environ["HAYESWIRE_TTY"], os.environ["HAYESWIRE_TTY_AIR720_UART2"],\n'
                              '      os.environ["HAYESWIRE_URL"], os.environ["HAYESWIRE_TIME_SCALE"])\n'
                              'os.kill(os.getpid(), 9) if "die" in sys.argv else sys.exit(7)\n')
        words = ['air720', '--http', '.', '--state', '.', '--time', 'x2', '--tty-link', 'tty', '--', sys.executable, 'host.py']
        done = self.call('sandbox', *words, '{tty}', '{tty:air720.uart2}', '{url}', '{dir}', '{seed}')
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertRegex(done.stderr, r"\['tty', '(/dev/pts/\d+)', '(http://\S+/)', '\.', '1'\] tty \1 \2 2")
        self.assertEqual(self.call('sandbox', *words, 'die').returncode, 128 + signal.SIGKILL)
        self.assertEqual(self.call('sandbox', *words, '{tty:uart}').returncode, 2)
        done = self.call('sandbox', 'bc26', '--', 'no-such-program')
        self.assertEqual(done.returncode, 4)
        self.assertIn('no-such-program', done.stderr)

    def test_what_is_offered_is_for_somebody(self):
        self.package()
        done = self.call('sandbox', 'bc26', '--offer', 'files/update.bin')
        self.assertEqual(done.returncode, 2)
        self.assertIn('take packages from --http', done.stderr)
        done = self.call('sandbox', 'bc26', '--offer', 'files/none.bin')
        self.assertEqual(done.returncode, 3)
        self.assertIn('No such file', done.stderr)

    def test_air720_finds_the_offer(self):
        self.call('package', 'make', '-d', 'air720', '--from', 'AirM2M_720_V422_LTE_AT', '--to',
                  'AirM2M_720_V9999_LTE_AT', '-o', 'update.bin')
        _, out = self.quiet('air720', '--offer', 'update.bin', '--tty-link', 'tty', '--time', 'x20', '-o', 'flash_time=5s')
        self.assertIn('luat      the upgrade service', out.wait('it has an offer'))
        host = self.tty(self.path('tty'))
        host.train()
        while '+CGATT: 1' not in host.ask('AT+CGATT?'):
            pass
        host.ask('AT+UPGRADE')
        host.wait('+UPGRADEIND: 100')


class Run(SandboxCase):
    def test_tty_is_found_in_what_the_emulator_prints(self):
        self.write('emulator.py', EMULATOR)
        self.scenario('a.lua', 't:modem { dialect = "bc26" }\n'
                               't:host():expect_exit(0, { within = "2m" })')
        for words, port in (('UART_1 connected to pseudotty: %s', 'auto:UART_1'),
                            ('char device redirected to %s (label serial0)', 'auto:label serial0')):
            self.run_(0, 'a.lua', '--time', 'x20', '--attach', port, '--',
                      sys.executable, 'emulator.py', words)

    def test_host_by_tcp(self):
        self.write('host.py', 'import socket, sys\n'
                              '_, host, port = sys.argv[1].split(":")\n'
                              'wire = socket.create_connection((host, int(port)))\n'
                              'wire.settimeout(0.2)\n'
                              'said = b""\n'
                              'while b"Quectel" not in said:\n'
                              '    wire.send(b"AT\\rATI\\r")\n'
                              '    try: said += wire.recv(4096)\n'
                              '    except TimeoutError: pass\n')
        self.scenario('a.lua', 't:modem { dialect = "bc26" }\n'
                               't:host():expect_exit(0, { within = "2m" })')
        self.run_(0, 'a.lua', '--time', 'x20', '--port', 'tcp:127.0.0.1:0', '--',
                  sys.executable, 'host.py', '{tty}')
        self.run_(2, 'a.lua', '--port', 'tpc:x')
        self.assertIn('only those are on virtual time', self.run_(
            2, 'a.lua', '--port', 'tcp:127.0.0.1:0', '--time', 'virtual', '--', sys.executable, 'host.py', '{tty}'))


class Keys(SandboxCase):
    def key(self, program, key, said):
        program.send('\x14' + key)
        return program.wait(said)

    def await_state(self, program, wanted):
        """Look at the state until it is that."""
        end = time.monotonic() + LIMIT_S
        while not re.search(wanted, self.key(program, 's', '; tty'), re.DOTALL):
            self.assertLess(time.monotonic(), end, program.all[-2000:])

    def train(self, program):
        for _ in range(100):
            program.send('AT\r')
            try:
                program.wait('OK\r', 0.2)
                return
            except AssertionError:
                pass
        self.fail(program.all)

    def test_each_key_does_what_it_says(self):
        program = self.sandbox('bc26', '-i', *QUICK)
        program.wait('quits]')
        self.train(program)
        self.assertIn('power: cut', self.key(program, '?', 'hex on or off'))
        self.key(program, 'u', '> ')
        program.send('+HELLO: 12\x083\r')
        program.wait('+HELLO: 13\r\n')
        self.key(program, 'l', '> ')
        program.send('-140\r')
        program.wait(': signal')
        program.send('AT+CSQ\r')
        program.wait('+CSQ: 0,')
        self.key(program, '+', 'signal -134')
        self.key(program, 'n', '> ')
        program.send('nome\r')
        program.wait('there are home|roaming')
        self.key(program, 'f', '> ')
        program.send('at.csq=fail:10\r')
        program.wait('fault')
        program.send('AT+CSQ\r')
        program.wait('ERROR')
        self.assertIn('fired 1', self.key(program, 's', 'fired 1'))
        self.key(program, 'c', 'clear_faults')
        program.send('AT+CSQ\r')
        program.wait('+CSQ: ')
        self.key(program, 'd', 'the tty is gone')
        self.key(program, 'a', 'the tty is /dev/pts/')
        self.key(program, 't', 'time stamps on')
        program.send('AT\r')
        self.assertRegex(program.wait('OK'), r'\[\+00:\d\d\.\d\d\d\] OK$')
        self.key(program, 'x', 'hex on')
        program.send('AT\r')
        program.wait('4f 4b 0d 0a')
        self.key(program, 'pr', ': reset')
        program.send('\x14q')
        self.assertEqual(program.end(), 0)

    def upgrade(self, dialect):
        """By keys and by hand; return the saved scenario, which runs and passes."""
        person = PEOPLE[dialect]
        os.mkdir(self.path('files'))
        person.make_package(HAYESWIRE, self.path('files'))
        program = self.sandbox(dialect, '-i', '--time', person.speed, '--http', 'files', '--save', 'saved.lua', *person.options)
        url = re.search(r'http://\S+/', program.wait('quits]')).group()
        person(program, url, lambda: self.key(program, 'p0', ': power_cut'),
               lambda: self.key(program, 'p1', ': power_on'), lambda: program.wait('the tty is gone'),
               lambda: self.await_state(program, r'power on,.*starts: [34]')).upgrade()
        program.send('\x14q')
        self.assertEqual(program.end(), 0)
        with open(self.path('saved.lua'), encoding='utf-8') as file:
            saved = file.read()
        # Not before the upgrade has come as far as it had when the power was cut.
        self.assertRegex(saved, r'wait_fota\("\w+", .*\)\n(  not_before.*\n)?  %s:power_cut\(\)' % dialect)
        # On virtual time: in scaled time this machine's own delays count twenty times.
        self.assertIn('1 passed', self.run_(0, 'saved.lua'))
        return saved

    def test_bc26_is_upgraded_by_keys_and_the_saved_scenario_passes(self):
        saved = self.upgrade('bc26')
        self.assertIn('t:equal(bc26.firmware, "BC26NBR01A06")', saved)
        self.write('wrong.lua', saved.replace('< Quectel_BC26', '< Quectel_BC27'))
        self.assertIn('answered "Quectel_BC26" where the script has',
                      self.run_(1, 'wrong.lua'))

    def test_air720_is_upgraded_by_keys_and_the_saved_scenario_passes(self):
        self.assertIn('t:equal(air720.firmware, "AirM2M_720_V9999_LTE_AT")', self.upgrade('air720'))

    def test_mt5700_is_upgraded_by_keys_and_the_saved_scenario_passes(self):
        self.assertIn('t:equal(mt5700.firmware, "1.3.0.0(SP1C02)")', self.upgrade('mt5700'))

    def test_m531x_carries_its_hosts_upgrade_and_the_saved_scenario_passes(self):
        self.assertIn('t:platform("onenet"):task { package = offer, device = m531x }', self.upgrade('m531x'))

    def test_usb_modem_takes_its_tty_along(self):
        program = self.sandbox('bc26', '-i', *QUICK, '-o', 'attachment=usb', '--save', 'saved.lua')
        program.wait('quits]')
        self.train(program)
        link = self.path('hayeswire-bc26')
        before = os.readlink(link)
        held = self.tty(before)  # the kernel can not give its number to the next one
        self.key(program, 'p0', 'the tty is gone')
        self.key(program, 'p1', 'the tty is /dev/pts/')
        self.train(program)
        self.assertNotEqual(os.readlink(link), before)
        with self.assertRaises(OSError):
            os.write(held.fd, b'x')
        program.send('ATI\r')
        program.wait('OK\r')
        program.send('\x14q')
        self.assertEqual(program.end(), 0)
        self.run_(0, 'saved.lua', '--time', 'x20')

    def test_keys_work_bare_beside_the_log(self):
        program = self.sandbox('bc26', *QUICK)
        program.wait('screen')
        program.send('p')
        program.wait('power: 0 cut')
        program.send('0')
        program.wait('bc26 power: off')
        program.send('p1')
        program.wait('bc26 power: on')
        program.send('\x03')
        self.assertEqual(program.end(), 0)


if __name__ == '__main__':
    unittest.main(verbosity=1)
