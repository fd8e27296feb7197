#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every seeded bug of the example hosts is caught by the rule that names it, and the hosts without a
bug keep all rules, whatever the seed. The table of bugs by rule is printed at the end.

Usage: test-audit.py PATH-OF-HAYESWIRE [unittest arguments]
HAYESWIRE_SEEDS: how many seeds are tried (default 20).
"""
import json
import os
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

import audit_hosts
from outside import HAYESWIRE, Case

LIMIT_S = 200
SEEDS = int(os.environ.get('HAYESWIRE_SEEDS', '20'))
AT_A_TIME = 4


class Audit(Case):
    def audit(self, host, *options, bug=None, adapter=True):
        """Return: the status, the rules by name, and all of the result."""
        words = host.arguments('--reporter', 'json', *options, bug=bug, adapter=adapter)
        done = subprocess.run([HAYESWIRE, *words], cwd=self.dir, capture_output=True, text=True,
                              timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL)
        try:
            result = json.loads(done.stdout)
        except json.JSONDecodeError:
            self.fail('%s: %s%s' % (' '.join(words), done.stdout, done.stderr))
        return done.returncode, {rule['id']: rule for rule in result['rules']}, result

    def each(self, function, jobs):
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            return list(pool.map(function, jobs))


class GoodHost(Audit):
    def test_keeps_all_rules_whatever_the_seed(self):
        def judge(job):
            host, seed = job
            _, rules, result = self.audit(host, '--strict', '--seed', str(seed))
            return ['%s, seed %d: %s %s: %s\n%s' % (host.dialect, seed, rule['id'], rule['state'],
                                                    rule.get('did', ''), rule.get('again', ''))
                    for rule in rules.values() if rule['state'] != 'kept'] + result['notes']

        hosts = audit_hosts.ALL + audit_hosts.OTHERS
        jobs = [(host, seed) for seed in range(1, SEEDS + 1) for host in hosts]
        alarms = [alarm for found in self.each(judge, jobs) for alarm in found]
        print('\n%d audits of %d good hosts with %d seeds: %d false alarms' % (len(jobs), len(hosts), SEEDS, len(alarms)))
        self.assertEqual(alarms, [], '\n'.join(alarms))


    def test_without_an_adapter_breaks_no_rule_and_what_is_not_observed_has_a_reason(self):
        def judge(host):
            status, rules, _ = self.audit(host, adapter=False)
            unseen = [rule for rule in rules.values() if rule['state'] == 'not observed']
            for rule in unseen:
                self.assertRegex(rule['why'], 'the adapter has no |did not come about in events', rule['id'])
            return status, sorted({rule['state'] for rule in rules.values()} - {'not observed'}), len(unseen)

        for status, states, unseen in self.each(judge, audit_hosts.ALL):
            self.assertEqual((status, states), (0, ['kept']))
            self.assertLessEqual(unseen, 3)


class OtherLanguages(Case):
    @unittest.skipUnless(audit_hosts.PYTHON, 'pyserial is missing')
    def test_python_is_one(self):
        self.assertIn('bc26', [host.dialect for host in audit_hosts.OTHERS])

    @unittest.skipUnless(audit_hosts.BASH, 'bash is missing')
    def test_the_shell_is_one(self):
        self.assertIn('air720', [host.dialect for host in audit_hosts.OTHERS])


class Bugs(Audit):
    def test_are_caught_by_the_rule_that_names_them(self):
        def judge(job):
            host, bug, name = job
            status, rules, _ = self.audit(host, '--rule', name, bug=bug)
            rule = rules.get(name, {'state': 'missing', 'level': '?'})
            is_caught = rule['state'] == 'broken' and status == (rule['level'] == 'must')
            return host, bug, name, rule, is_caught, sorted(set(rules) - {name})

        jobs = [(host, bug, rule) for host in audit_hosts.ALL for bug, rule in host.bugs.items()]
        rows = self.each(judge, jobs)
        print('\n%-8s %-20s %-6s %-24s %s' % ('dialect', 'bug', '', 'rule', 'what the host did'))
        for host, bug, name, rule, is_caught, others in rows:
            print('%-8s %-20s %-6s %-24s %s%s' % (
                host.dialect, bug, 'caught' if is_caught else 'MISSED', name, rule.get('did', ''),
                '   (also: %s)' % ', '.join(others) if others else ''))
        print('%d of %d seeded bugs caught' % (sum(row[4] for row in rows), len(rows)))
        missed = ['%s: %s' % (host.dialect, bug) for host, bug, _, _, is_caught, _ in rows
                  if not is_caught]
        self.assertEqual(missed, [])

    def test_are_ten_or_more_of_each_host_and_forty_of_all(self):
        for host in audit_hosts.ALL:
            self.assertGreaterEqual(len(host.bugs), 10)
        self.assertGreaterEqual(sum(len(host.bugs) for host in audit_hosts.ALL), 40)


if __name__ == '__main__':
    unittest.main(verbosity=2)
