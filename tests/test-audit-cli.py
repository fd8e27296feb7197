#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hayeswire audit and list rules from outside: statuses, forms of the result, adapters, t:obey.

Usage: test-audit-cli.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import json
import os
import re
import unittest
import xml.etree.ElementTree as ElementTree

import audit_hosts
from outside import Case

GOOD = ['--', 'bc26-updater', '{tty}', '{url}']
BAD = ['--', 'bc26-updater', '--bug', 'believes-end', '{tty}', '{url}']
SHOULD = ['--', 'bc26-updater', '--bug', 'keeps-baud', '{tty}', '{url}']


class Audit(Case):
    def audit(self, status, *args):
        done = self.call('audit', *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.stderr = done.stderr
        return done.stdout


class Statuses(Audit):
    def test_a_kept_rule_is_0_and_a_broken_must_rule_1(self):
        out = self.audit(0, 'bc26', '--rule', 'bc.end-is-the-result', *GOOD)
        self.assertRegex(out, r'^kept +must +bc\.end-is-the-result +Only ')
        self.assertIn('1 kept, 0 broken, 0 not observed; 3 stimuli in', out)
        out = self.audit(1, 'bc26', '--rule', 'bc.end-is-the-result', *BAD)
        self.assertRegex(out, r'^BROKEN +must +bc\.end-is-the-result +claimed success while')

    def test_a_broken_should_rule_counts_when_strict(self):
        words = ['bc26', '--rule', 'bc.fixed-baud']
        self.assertRegex(self.audit(0, *words, *SHOULD), r'^BROKEN +should ')
        self.assertRegex(self.audit(1, *words, '--strict', *SHOULD), r'^BROKEN +should ')

    def test_a_rule_that_is_not_observed_counts_when_strict(self):
        words = ['air720', '--rule', 'air.27-is-up-to-date']
        host = ['--', 'air720-updater', '{tty}', '{tty:air720.uart2}', '{url}']
        out = self.audit(0, *words, *host)
        self.assertRegex(out, r'^not observed +must +air\.27-is-up-to-date')
        self.assertRegex(out, r'to see it +the host asks the service \(adapter: service_url\)')
        self.assertIn('the adapter has no service_url', out)
        self.audit(1, *words, '--strict', *host)

    def test_wrong_usage_is_2(self):
        self.audit(2, *GOOD)
        self.assertIn('which dialect?', self.stderr)
        self.audit(2, 'bc62', *GOOD)
        self.assertIn('did you mean bc26?', self.stderr)
        self.audit(2, 'gpp', *GOOD)
        self.assertIn('there are no rules for hosts of gpp', self.stderr)
        self.audit(2, 'bc26')
        self.assertIn('which host?', self.stderr)
        self.audit(2, 'bc26', '--rule', 'bc.eco', *GOOD)
        self.assertIn('no rule "bc.eco"; did you mean bc.echo?', self.stderr)
        self.audit(2, 'bc26', '--stimulus', 'plane', *GOOD)
        self.assertIn('no stimulus "plane"; did you mean plain?', self.stderr)
        self.audit(2, 'bc26', '--reporter', 'xml', *GOOD)
        self.assertIn('text, json, junit, markdown', self.stderr)
        self.audit(2, 'bc26', '--adapter', 'nowhere.lua', *GOOD)

    def test_a_host_that_is_not_there_is_4(self):
        self.audit(4, 'bc26', '--', './no-such-host', '{tty}')
        self.assertIn('no such program', self.stderr)

    def test_a_host_that_is_no_program_is_4(self):
        self.write('host', 'not a program\n', 0o755)
        self.audit(4, 'bc26', '--stimulus', 'plain', '--', './host', '{tty}')


class Forms(Audit):
    def test_text_says_what_the_guide_says_what_the_host_did_when_and_how_to_see_it_again(self):
        out = self.audit(1, 'bc26', '--rule', 'bc.end-is-the-result', *BAD)
        for row in (r'the guide +Only "FOTA","END",0 .*\(guide 3\.1 and 4\.1\)$',
                    r'the host +claimed success while the module ran BC26NBR01A05; the last that it had said was .*END',
                    r'when +\+00:\d\d\.\d{3}  #  host host: exited with 0   in the stimulus lying-end$',
                    r'see +out/\d{8}-\d{6}(-\d+)?/lying-end/transcript\.txt:\d+$',
                    r'again +\S*hayeswire audit bc26 --stimulus lying-end --seed \d+ .*-- bc26-updater --bug believes-end'):
            self.assertTrue(re.search('^      ' + row, out, re.M), (row, out))

    def test_the_transcript_is_kept_and_its_line_is_the_one(self):
        rule = json.loads(self.audit(1, 'bc26', '--reporter', 'json', '--rule', 'bc.end-is-the-result', *BAD))['rules'][0]
        path, line = rule['transcript'].rsplit(':', 1)
        with open(self.path(path), encoding='utf-8') as file:
            self.assertEqual(file.read().splitlines()[int(line) - 1], rule['line'])

    def test_folders_of_stimuli_that_broke_nothing_go(self):
        self.audit(1, 'bc26', '--rule', 'bc.end-is-the-result', *BAD)
        self.assertEqual(sorted(os.listdir(self.folder())), ['audit.lua', 'lying-end', 'results.jsonl'])
        self.audit(0, 'bc26', '--stimulus', 'plain', '--keep', *GOOD)
        self.assertIn('plain', os.listdir(self.folder()))

    def test_what_is_printed_as_again_shows_it_again(self):
        out = self.audit(1, 'bc26', '--rule', 'bc.end-is-the-result', *BAD)
        again = re.search(r'^      again +(.*)$', out, re.M).group(1)
        self.assertRegex(self.paste(1, again), r'BROKEN +must +bc\.end-is-the-result')

    def test_json_has_a_row_a_rule(self):
        result = json.loads(self.audit(1, 'bc26', '--reporter', 'json', *BAD))
        self.assertEqual((result['dialect'], result['passed'], result['broken']), ('bc26', False, 1))
        states = {rule['id']: rule['state'] for rule in result['rules']}
        self.assertEqual(states.pop('bc.end-is-the-result'), 'broken')
        self.assertEqual(set(states.values()), {'kept'})

    def test_junit_can_be_read(self):
        suite = ElementTree.fromstring(self.audit(1, 'bc26', '--reporter', 'junit', *BAD))
        self.assertEqual(suite.get('failures'), '1')
        failed = [case.get('name') for case in suite if case.find('failure') is not None]
        self.assertEqual(failed, ['bc.end-is-the-result'])
        body = suite.find(".//testcase[@name='bc.end-is-the-result']/failure").text
        self.assertIn('the guide  Only "FOTA","END",0', body)

    def test_junit_does_not_fail_for_what_does_not_fail_the_audit(self):
        words = ['bc26', '--rule', 'bc.fixed-baud', '--reporter', 'junit']
        self.assertEqual(ElementTree.fromstring(self.audit(0, *words, *SHOULD)).get('failures'), '0')
        self.assertEqual(ElementTree.fromstring(self.audit(1, *words, '--strict', *SHOULD)).get('failures'), '1')

    def test_markdown_is_a_table(self):
        out = self.audit(1, 'bc26', '--reporter', 'markdown', '--rule', 'bc.end-is-the-result', *BAD)
        self.assertIn('| verdict | level | rule |', out)
        row = next(line for line in out.splitlines() if line.startswith('| **broken** | must | `bc.end-is-the-result`'))
        self.assertEqual(len(re.findall(r'(?<!\\)\|', row)), 6, row)


class Adapters(Audit):
    def adapter(self, text):
        return self.write('host.lua', text)

    def test_starts_the_host_and_knows_its_statuses(self):
        path = self.adapter('return { command = { "bc26-updater", "{tty}", "{url}" }, success = { 4 } }\n')
        out = self.audit(1, 'bc26', '--adapter', path, '--rule', 'bc.end-is-the-result')
        self.assertIn('in the stimulus wrong-base', out)

    def test_a_claim_in_the_output_is_success(self):
        path = self.adapter('return { claims = "asking for http" }\n')
        out = self.audit(1, 'bc26', '--adapter', path, '--stimulus', 'plain', *GOOD)
        self.assertRegex(out, r'BROKEN +must +bc\.end-is-the-result')

    def test_that_is_wrong_is_2(self):
        self.audit(2, 'bc26', '--adapter', self.adapter('return { comand = {} }\n'), *GOOD)
        self.assertIn('unknown option "comand"; did you mean "command"?', self.stderr)
        self.audit(2, 'bc26', '--adapter', self.adapter('return 7\n'), *GOOD)
        self.audit(2, 'bc26', '--adapter', self.adapter('return {\n'), *GOOD)


class Reports(Audit):
    HOST = '''#!/usr/bin/env python3
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], data=b'{"event": "download_begun"}')
'''

    def test_are_collected_by_post(self):
        self.write('reporter.py', self.HOST, 0o755)
        self.audit(0, 'mt5700', '--stimulus', 'events', '--keep', '--time', 'x20', '--', './reporter.py', '{report}')
        with open(os.path.join(self.folder('events'), 'transcript.txt'), encoding='utf-8') as file:
            text = file.read()
        self.assertIn('body: {"event": "download_begun"}', text)
        self.assertIn('POST /report -> 200', text)


class ListRules(Case):
    def rules(self, *args):
        done = self.call('list', 'rules', *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_prints_a_line_a_rule(self):
        lines = self.rules('-d', 'bc26').splitlines()
        self.assertIn('bc.echo', ' '.join(lines))
        self.assertTrue(all(re.match(r'bc\.[a-z0-9-]+ +(must|should) +bc26 ', line) for line in lines))

    def test_json_says_which_stimuli_put_a_rule_to_the_test(self):
        rules = json.loads(self.rules('--json'))
        self.assertEqual({rule['dialect'] for rule in rules}, {'air720', 'bc26', 'm531x', 'mt5700'})
        for rule in rules:
            self.assertTrue(rule['stimulus'] and rule['needs'] and rule['source'], rule)

    def test_names_of_bugs_are_those_of_rules(self):
        known = {rule['id'] for rule in json.loads(self.rules('--json'))}
        for host in audit_hosts.ALL:
            self.assertLessEqual(set(host.bugs.values()), known)


class Obey(Case):
    def upgrade(self, obey, bug='none'):
        return self.scenario('upgrade.lua', '''
  %s
  local server  = t:http()
  local package = t:package { dialect = "bc26", from = "BC26NBR01A05", to = "BC26NBR01A06", size = "8k" }
  local modem   = t:modem { dialect = "bc26", firmware = "BC26NBR01A05", registration = "20s", update_time = "5s" }
  local host    = t:host { "bc26-updater", "--bug", "%s", modem.tty, server:publish("/update.bin", package) }
  modem:wait_urc('+QIND: "FOTA","HTTPEND"', { within = "5m" })
''' % (obey, bug))

    def test_passes_with_a_host_that_obeys(self):
        self.run_(0, self.upgrade('t:obey "bc26"'))

    def test_fails_a_scenario_that_passes_otherwise(self):
        self.run_(0, self.upgrade('', 'no-version'))
        out = self.run_(1, self.upgrade('t:obey "bc26"', 'no-version'))
        self.assertIn('bc.version-first: the host asked for an upgrade without having read the version', out)
        self.assertIn('the rule: The running version is read', out)

    def test_knows_only_and_except(self):
        self.run_(0, self.upgrade('t:obey("bc26", { except = { "bc.version-first" } })', 'no-version'))
        self.run_(0, self.upgrade('t:obey("bc26", { only = { "bc.network-first" } })', 'no-version'))
        self.run_(1, self.upgrade('t:obey("bc26", { only = { "bc.version-first" } })', 'no-version'))

    def test_notes_broken_should_rules_and_fails_for_them_when_strict(self):
        self.run_(0, self.upgrade('t:obey "bc26"', 'keeps-baud'))
        out = self.run_(1, self.upgrade('t:obey("bc26", { strict = true })', 'keeps-baud'))
        self.assertIn('bc.fixed-baud', out)

    def test_a_wrong_name_is_an_error_of_the_scenario(self):
        out = self.run_(2, self.upgrade('t:obey("bc26", { only = { "bc.eco" } })'))
        self.assertIn('did you mean "bc.echo"?', out)
        self.run_(2, self.upgrade('t:obey "bc62"'))


if __name__ == '__main__':
    unittest.main(verbosity=2)
