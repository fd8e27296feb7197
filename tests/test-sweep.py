#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hayeswire sweep and replay from outside: wrong hosts are found, the point is named, and the token
repeats the trial.

Usage: test-sweep.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import os
import pty
import re
import subprocess
import unittest

from outside import HAYESWIRE, Case
from terminal import read_some

SCENARIOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'scenarios')
SWEEP = os.path.join(SCENARIOS, 'sweep.lua')
UART = ('-k', '^BC26 upgrades$')
USB = ('-k', 'USB')
SOTA = ('-k', 'M531x')
HOST = ('--', 'bc26-updater', '{tty}', '{url}')
MCU = ('--', 'm531x-mcu', '{tty}', '--until', 'test000')
LIMIT_S = 200


class SweepCase(Case):
    def hayeswire(self, status, *args):
        done = subprocess.run([HAYESWIRE, *args], cwd=self.dir, capture_output=True, text=True,
                              timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL)
        self.stderr = done.stderr
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def sweep(self, status, *args):
        return self.hayeswire(status, 'sweep', SWEEP, *args)

    def token(self, text):
        found = re.search(r'\bhw1[a-z2-7]+\b', text)
        self.assertIsNotNone(found, text)
        return found.group()


class GoodHost(SweepCase):
    def test_every_trial_is_safe_and_live_and_the_figures_are_told(self):
        said = self.sweep(0, *UART, '--points', 'power,lie,bc26.fota,fota,nv', *HOST)
        self.assertRegex(said, r': (\d+) trials, \1 passed in [\d.]+ s \([\d.]+ trials/s\)')
        self.assertNotIn('FAIL', said)

    def test_replies_are_points_too(self):
        self.assertIn(' reply.i=silence\n', self.sweep(0, *UART, '--points', 'reply', '--plan', *HOST))
        self.sweep(0, *UART, '--points', 'reply', *HOST)

    def test_urcs_may_come_at_any_moment(self):
        said = self.sweep(0, *UART, '--points', 'urc', *HOST)
        self.assertRegex(said, r': (\d+) trials, \1 passed in ')

    def test_plans_of_several_faults_come_from_the_seed(self):
        first = self.sweep(0, *UART, '--random', '8', '--seed', '3', '--plan', *HOST)
        self.assertEqual(self.sweep(0, *UART, '--random', '8', '--seed', '3', '--plan', *HOST), first)
        self.assertNotEqual(self.sweep(0, *UART, '--random', '8', '--seed', '4', '--plan', *HOST), first)
        self.assertIn('8 trials', first)
        self.sweep(0, *UART, '--random', '8', '--seed', '3', *HOST)


class WrongHosts(SweepCase):
    def finds(self, bug, point, message, *args, good=HOST):
        """The sweep's own list of trials finds the bug at the point; the token repeats that trial, and
        a good host passes it."""
        host = (*good, '--bug', bug)
        said = self.sweep(1, *args, *host)
        self.assertRegex(said, r'FAIL  live: .*' + message)
        self.assertIn(point, said)
        self.assertIn('first difference', said)
        token = self.token(said)
        again = self.hayeswire(1, 'replay', token, *host)
        self.assertRegex(again, 'live: .*' + message)
        self.assertIn('faults', again)
        self.hayeswire(0, 'replay', token, *good)

    def test_one_that_ignores_that_the_package_does_not_fit(self):
        self.finds('ignores-end-254', 'fota.result*0=fail:254', 'did not end', *UART, '--points', 'lie',
                   '--limit', '4m')

    def test_one_that_never_reopens_the_tty(self):
        self.finds('never-reopens', 'bc26.fota.download', 'exited with status 7', *USB, '--points',
                   'power,bc26.fota')

    def test_one_that_takes_the_download_for_the_upgrade(self):
        self.finds('success-at-httpend', 'bc26.fota.start', 'exited with status 0', *UART, '--points',
                   'power,bc26.fota')

    def test_one_that_loses_a_urc_between_command_and_reply(self):
        self.finds('loses-urcs', r'urc@"+QIND: \"FOTA\",\"END\",0"=collide:before', 'did not end', *UART,
                   '--only', r'urc@"+QIND: \"FOTA\",\"END\",0"', '--limit', '4m')

    def test_one_that_writes_blocks_into_flash_that_it_has_not_erased(self):
        self.finds('writes-unerased', 'line.tx', 'exited with status 7', *SOTA, '--points', 'line',
                   good=MCU)

    def test_failures_of_one_cause_are_one_finding(self):
        said = self.sweep(1, *USB, '--points', 'power,bc26.fota', *HOST, '--bug', 'never-reopens')
        self.assertEqual(said.count('FAIL '), 1)
        self.assertRegex(said, r'\((\d+) trials\)')
        self.assertIn('(1 cause)', said)
        self.assertEqual(len(os.listdir(self.folder())), 5, 'one trial is kept of one cause')


class Selection(SweepCase):
    def plan(self, *args):
        lines = self.sweep(0, *UART, *args, '--plan', *HOST).splitlines()
        return lines[:-1]

    def shards(self, *args):
        return [self.plan('--points', 'power', '--shard', '%d/3' % index, *args) for index in range(1, 4)]

    def test_shards_share_all_trials(self):
        whole, parts = self.plan('--points', 'power'), self.shards()
        self.assertEqual(sorted(line for part in parts for line in part), sorted(whole))
        self.assertGreater(min(len(part) for part in parts), len(whole) // 6)

    def test_in_real_time_a_point_stays_in_its_shard(self):
        whole, seen = self.plan('--points', 'power', '--time', 'x50'), set()
        parts = self.shards('--time', 'x50')
        for part in parts:
            points = {re.match(r'\S+ +\S+ +([\w.]+)', line).group(1) for line in part}
            self.assertFalse(points & seen)
            seen |= points
        # How many bytes and polls there are changes a little from run to run.
        stable = [line for line in whole if 'line.' not in line and ' at.' not in line and 'reply.' not in line]
        self.assertEqual(sorted(set(stable) - {line for part in parts for line in part}), [])

    def test_all_tries_each_percentage(self):
        self.assertEqual(len(self.plan('--points', 'power,bc26.fota.update')), 5)
        self.assertEqual(len(self.plan('--points', 'power,bc26.fota.update', '--all')), 100)

    def test_only_means_one_place(self):
        self.assertEqual(self.plan('--points', 'power', '--only', 'bc26.fota.update@37%'),
                         ['power  live    bc26.fota.update@37%=power_cut'])

    def test_wrong_words_are_wrong_usage(self):
        for words, said in ((['--points', 'powre'], 'did you mean power?'),
                            (['--points', 'bc26.fota.updat'], 'did you mean bc26.fota.update?'),
                            (['--only', 'flsh.program'], 'did you mean flash.program?'),
                            (['--shard', '4/3'], 'wants I/N'),
                            (['--budget', '30'], 'wants a duration'),
                            (['--random', '0'], 'wants a number')):
            self.assertEqual(self.sweep(2, *words, *HOST), '')
            self.assertIn(said, self.stderr)

    def test_a_fault_that_can_not_be_is_wrong_and_one_that_never_fires_fails(self):
        self.sweep(2, *UART, '--only', 'urc=flip:3', *HOST)
        self.sweep(2, *UART, '--only', 'nv.commit/middle=reset', *HOST)
        self.assertIn('1 not reached', self.sweep(1, *UART, '--only', 'urc@"NEVER SAID"=lost', *HOST))

    def test_a_host_that_fails_without_a_fault_leaves_nothing_to_sweep(self):
        said = self.sweep(1, *UART, '-t', '20s', '--', 'false')
        self.assertIn('FAIL', said)
        self.assertIn('nothing to sweep', self.stderr)

    def test_the_budget_and_the_limit_of_failures_end_a_sweep(self):
        said = self.sweep(124, *UART, '--points', 'power', '--budget', '1s', '-j', '2', *HOST)
        self.assertRegex(said, r'\d+ not run .*the budget is spent')
        said = self.sweep(1, *USB, '--points', 'power,bc26.fota', '--max-fail', '2', '-j', '1', *HOST,
                          '--bug', 'never-reopens')
        self.assertRegex(said, r'2 FAILED \(1 cause\), \d+ not run')

    def test_a_scenario_may_bring_its_own_checks(self):
        said = self.sweep(1, '-k', 'own checks', '--only', 'at.cesq=power_cut', *HOST)
        self.assertIn('FAIL  live: the scenario says no', said)


class Faults(SweepCase):
    """What is armed has to fit, and to strike."""

    def run_with(self, status, fault):
        return self.hayeswire(status, 'run', os.path.join(SCENARIOS, 'upgrade.lua'), '--fault', fault, *HOST)

    def test_one_that_never_fires_fails_the_run(self):
        said = self.run_with(1, 'at.qfotadl#9=fail')
        self.assertIn('the fault "at.qfotadl#9=fail" never fired', said)

    def test_unknown_names_are_wrong_and_the_nearest_is_told(self):
        for fault, nearest in (('bc26.fota.updaet=power_cut', 'did you mean "bc26.fota.update"?'),
                               ('at.qfotald=fail', 'did you mean "at.qfotadl"?'),
                               ('at.cesq=sielnce', 'did you mean "silence"?'),
                               ('nv.commit/middle=reset', 'there are /before, /mid and /after')):
            self.assertIn(nearest, self.run_with(2, fault))

    def test_actions_that_do_not_fit_are_wrong_and_those_that_do_are_told(self):
        for fault, fitting in (('urc=flip:3', 'lost, collide, dup'), ('nv.commit=fail', 'it takes power_cut'),
                               ('bc26.fota.update=lie', 'MARK point'), ('line.tx=reset_link', 'flip')):
            said = self.run_with(2, fault)
            self.assertIn('does not fit', said)
            self.assertIn(fitting, said)

    def test_so_it_is_in_a_scenario(self):
        for fault, status in (('urc=flip:3', 2), ('bootstep=reset', 2), ('at.cesq=fail', 1)):
            self.scenario('a.lua', 't:modem { dialect = "bc26" }:fault "%s"' % fault)
            self.hayeswire(status, 'run', 'a.lua')


class Progress(SweepCase):
    def stderr_of(self, **environment):
        """What a sweep says on stderr when that is a terminal."""
        outer, inner = pty.openpty()
        words = [HAYESWIRE, 'sweep', SWEEP, *UART, '--points', 'power,boot', *HOST]
        with subprocess.Popen(words, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=inner, env={**os.environ, **environment}) as sweep:
            os.close(inner)
            said = b''
            while some := read_some(outer, LIMIT_S):
                said += some
        os.close(outer)
        self.assertEqual(sweep.returncode, 0, said)
        return said.decode()

    def test_is_a_bar_on_a_terminal_that_goes_away(self):
        said = self.stderr_of(TERM='xterm')
        total = int(re.search(r'\] 1/(\d+)', said).group(1))
        self.assertRegex(said, r'\[#{30}\] %d/%d' % (total, total))
        self.assertTrue(said.endswith('\r\x1b[K'), said[-80:])

    def test_is_none_where_it_could_not_be_drawn(self):
        self.assertNotIn('[#', self.stderr_of(TERM='dumb'))


class Tokens(SweepCase):
    def fail_for_one_of_three(self):
        """A run that fails for one of its three faults. Return: its token."""
        said = self.hayeswire(1, 'run', os.path.join(SCENARIOS, 'upgrade.lua'), '--time', 'x50',
                              '--fault', 'urc@"+CPIN"=dup', '--fault', 'fota.result*0~1=fail:255',
                              '--fault', 'at.cereg=delay:1s', *HOST)
        self.assertIn('--fault', said)
        return self.token(said)

    def test_a_failed_run_has_one_too(self):
        token = self.fail_for_one_of_three()
        self.assertIn('exited with 4', self.hayeswire(1, 'replay', token, *HOST))

    def test_shrink_finds_the_fewest_and_simplest_faults(self):
        said = self.hayeswire(1, 'replay', self.fail_for_one_of_three(), '--shrink', *HOST)
        self.assertIn('shrunk from 3 to 1 fault in', said)
        self.assertRegex(said.split('shrunk')[1], r'\nfaults  fota.result=fail:255\n')

    def test_a_damaged_one_is_refused(self):
        token = self.fail_for_one_of_three()
        for wrong, said in ((token[:-3], 'damaged'), (token[:20] + 'a' + token[20:], 'damaged'),
                            ('hw9' + token[3:], 'no token'), ('abc', 'which token')):
            self.hayeswire(2, 'replay', wrong, *HOST)
            self.assertIn(said, self.stderr)

    def test_a_changed_file_is_noticed(self):
        name = self.scenario('a.lua', 't:modem { dialect = "bc26" }:expect("AT", { within = "1s" })')
        said = self.hayeswire(1, 'run', name)
        token = self.token(said)
        self.hayeswire(1, 'replay', token)
        self.scenario('a.lua', '', title='another title')
        self.hayeswire(2, 'replay', token)
        self.assertIn('changed', self.stderr)


if __name__ == '__main__':
    unittest.main()
