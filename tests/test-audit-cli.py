#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hayeswire audit and list rules from outside: statuses, forms of the result, adapters, t:obey.

Usage: test-audit-cli.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import json
import os
import re
import shutil
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as ElementTree

import audit_hosts
from outside import HAYESWIRE, Case

GOOD = ['--', 'bc26-updater', '{tty}', '{url}']
BAD = ['--', 'bc26-updater', '--bug', 'believes-end', '{tty}', '{url}']
SHOULD = ['--', 'bc26-updater', '--bug', 'keeps-baud', '{tty}', '{url}']


UPDATER = os.path.join(os.path.dirname(HAYESWIRE), '..', 'tests', 'hosts', 'bc26-updater')

# A host that prints what is no text, and says that all is well.
NOISY = r'''#!/usr/bin/env python3
import os, sys
with open(sys.argv[1], 'wb', buffering=0) as tty:
    tty.write(b'AT+QFOTADL="http://127.0.0.1:1/x"\r')
os.write(1, b'all is well \x00\x1a\x1b[31m\xff\xfe ]]> </script> | `\n')
'''
CLAIMS = 'return { claims = "all is well" }\n'


def no_ports(text):
    """A transcript without what the kernel chooses, and the date."""
    return re.sub(r'127\.0\.0\.1:\d+|/dev/pts/\d+|pid \d+|out/[\d-]+', '-', text)


class Audit(Case):
    def audit(self, status, *args):
        done = self.call('audit', *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.stderr = done.stderr
        return done.stdout


class Statuses(Audit):
    def test_a_host_that_does_nothing_and_claims_success_is_1(self):
        for dialect in ('air720', 'bc26', 'mt5700'):
            self.assertIn('claimed success while the module ran', self.audit(1, dialect, '--stimulus', 'plain', '--', 'true'))

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

    def test_an_interrupted_one_says_what_it_has_seen(self):
        self.write('host.sh', '#!/bin/sh\ntrap "" TERM\necho started > started\nwhile :; do sleep 1; done\n', 0o755)
        process = subprocess.Popen([HAYESWIRE, 'audit', 'bc26', '--time', 'real', '-j', '1', '--', './host.sh'], cwd=self.dir,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        while not os.path.exists(self.path('started')) and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, 130)
        self.assertRegex(out, r'not observed +must +bc\.http-error')
        self.assertIn('none of its stimuli was played', out)

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
        self.audit(2, 'bc26', '--reporter', 'csv', *GOOD)
        self.assertIn('there are text, json, junit, markdown, html', self.stderr)
        for words, message in (('jsn', 'did you mean json?'), ('json,junit', 'json and junit both want stdout'),
                               ('html', 'html wants a folder, as in html=DIR')):
            self.audit(2, 'bc26', '--reporter', words, *GOOD)
            self.assertIn(message, self.stderr)
        self.write('taken', '')
        self.audit(3, 'bc26', '--reporter', 'html=taken', *GOOD)
        self.assertIn('hayeswire: taken: Not a directory', self.stderr)
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
                    r'expected +success only after "FOTA","END",0, with the new version read$',
                    r'when +\+00:\d\d\.\d{3}  #  host host: exited with 0$',
                    r'stimulus +lying-end: the module says END,0 and stays what it was$',
                    r'trace +out/\d{8}-\d{6}(-\d+)?/lying-end/transcript\.txt:\d+$',
                    r'again +\S*hayeswire replay hwa1[a-z2-7]+ -- bc26-updater --bug believes-end \{tty\} \{url\}$'):
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

    def test_json_has_a_row_a_rule(self):
        result = json.loads(self.audit(1, 'bc26', '--reporter', 'json', *BAD))
        self.assertEqual((result['dialect'], result['passed'], result['broken']), ('bc26', False, 1))
        states = {rule['id']: rule['state'] for rule in result['rules']}
        self.assertEqual(states.pop('bc.end-is-the-result'), 'broken')
        self.assertEqual(set(states.values()), {'kept'})

    def test_junit_can_be_read(self):
        self.audit(1, 'bc26', '--reporter', 'junit=audit.xml', *BAD)
        if shutil.which('xmllint'):
            done = subprocess.run(['xmllint', '--noout', self.path('audit.xml')], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
        suites = ElementTree.parse(self.path('audit.xml')).getroot()
        self.assertEqual((suites.tag, suites.get('failures')), ('testsuites', '1'))
        suite = suites[0]
        failed = [case.get('name') for case in suite if case.find('failure') is not None]
        self.assertEqual(failed, ['bc.end-is-the-result'])
        body = suite.find(".//testcase[@name='bc.end-is-the-result']/failure").text
        for words in ('the guide  Only "FOTA","END",0', '(guide 3.1 and 4.1)', 'the host   claimed success while', 'expected   success',
                      'when       +00:', 'lying-end: the module says', 'trace      out/', 'again      ', ' replay hwa1'):
            self.assertIn(words, body)

    def test_junit_does_not_fail_for_what_does_not_fail_the_audit(self):
        words = ['bc26', '--rule', 'bc.fixed-baud', '--reporter', 'junit']
        self.assertEqual(ElementTree.fromstring(self.audit(0, *words, *SHOULD)).get('failures'), '0')
        self.assertEqual(ElementTree.fromstring(self.audit(1, *words, '--strict', *SHOULD)).get('failures'), '1')

    def test_markdown_is_a_table(self):
        out = self.audit(1, 'bc26', '--reporter', 'markdown', '--rule', 'bc.end-is-the-result', *BAD)
        self.assertIn('| verdict | level | rule |', out)
        row = next(line for line in out.splitlines() if line.startswith('| **broken** | must | `bc.end-is-the-result`'))
        self.assertEqual(len(re.findall(r'(?<!\\)\|', row)), 6, row)
        for words in ('the guide  Only', 'the host   claimed success', 'expected   success', 'when       +00:', 'stimulus   lying-end',
                      'trace      out/', 'again      '):
            self.assertIn('\n    ' + words, out)

    def test_json_says_all_of_a_broken_rule(self):
        rule = json.loads(self.audit(1, 'bc26', '--reporter', 'json', '--rule', 'bc.end-is-the-result', *BAD))['rules'][0]
        self.assertEqual(sorted(rule), ['again', 'broken_in', 'did', 'expected', 'id', 'level', 'line', 'seed', 'seen_in', 'sentence',
                                        'source', 'state', 'stimulus', 't_us', 'token', 'transcript'])
        self.assertTrue(rule['token'].startswith('hwa1') and rule['token'] in rule['again'])
        self.assertEqual(rule['broken_in'], ['lying-end'])
        self.assertGreater(rule['t_us'], 0)

    def test_several_at_once(self):
        out = self.audit(1, 'bc26', '--reporter', 'junit=a.xml,json=a.json', '--reporter', 'markdown=a.md', '--rule', 'bc.end-is-the-result', *BAD)
        self.assertRegex(out, r'^BROKEN +must')
        with open(self.path('a.json'), encoding='utf-8') as file:
            self.assertFalse(json.load(file)['passed'])
        for name, words in (('a.xml', '<testsuites'), ('a.md', '## Audit: bc26')):
            with open(self.path(name), encoding='utf-8') as file:
                self.assertIn(words, file.read())
        self.audit(3, 'bc26', '--reporter', 'json=no/such/folder.json', '--stimulus', 'plain', *GOOD)
        self.assertIn('no/such/folder.json: No such file or directory', self.stderr)

    def test_bytes_that_are_no_text_stay_harmless(self):
        self.write('host.py', NOISY, 0o755)
        for form in ('json', 'junit', 'markdown', 'text'):
            out = self.audit(1, 'bc26', '--stimulus', 'plain', '--adapter', self.write('host.lua', CLAIMS), '--reporter', form,
                             '--', './host.py', '{tty}', '{url}')
            self.assertIn('claimed success', out)
            self.assertNotRegex(out, '[\x00\x1a\x1b]')
            if form == 'json':
                json.loads(out)
            elif form == 'junit':
                ElementTree.fromstring(out)


class Replay(Audit):
    def again(self, *args):
        return re.search(r'^      again +(.*)$', self.audit(*args), re.M).group(1)

    def test_shows_the_rule_broken_again(self):
        again = self.again(1, 'bc26', '--rule', 'bc.end-is-the-result', *BAD)
        out = self.paste(1, again)
        self.assertRegex(out, r'^BROKEN +must +bc\.end-is-the-result')
        self.assertIn('0 kept, 1 broken, 0 not observed; 1 stimulus in', out)

    def test_repeats_exactly_that_stimulus_with_that_seed(self):
        again = self.again(1, 'bc26', '--rule', 'bc.end-is-the-result', '--seed', '77', *BAD)
        with open(os.path.join(self.folder('lying-end'), 'transcript.txt'), encoding='utf-8') as file:
            first = file.read()
        self.paste(1, again)
        with open(os.path.join(self.folder('lying-end'), 'transcript.txt'), encoding='utf-8') as file:
            self.assertEqual(no_ports(file.read()), no_ports(first))
        with open(os.path.join(self.folder(), 'results.jsonl'), encoding='utf-8') as file:
            cases = [case for case in map(json.loads, file) if case.get('k') == 'case' or 'seed' in case]
        self.assertEqual([(case['seed'], case['slug']) for case in cases], [(77, 'lying-end')])

    def test_of_a_broken_should_rule_is_1_too(self):
        again = self.again(0, 'bc26', '--rule', 'bc.fixed-baud', *SHOULD)
        self.assertRegex(self.paste(1, again), r'BROKEN +should +bc\.fixed-baud')

    def test_of_a_host_that_was_mended_is_0(self):
        again = self.again(1, 'bc26', '--rule', 'bc.end-is-the-result', *BAD)
        out = self.paste(0, again.replace('--bug believes-end ', ''))
        self.assertRegex(out, r'^kept +must +bc\.end-is-the-result')

    def test_keeps_adapter_and_time(self):
        self.write('host.lua', 'return { command = { "bc26-updater", "--bug", "believes-end", "{tty}", "{url}" } }\n')
        again = self.again(1, 'bc26', '--rule', 'bc.end-is-the-result', '--adapter', 'host.lua', '--time', 'x50')
        self.assertRegex(again, r'hayeswire replay hwa1\w+$')
        self.assertIn('claimed success', self.paste(1, again))
        os.rename(self.path('host.lua'), self.path('moved.lua'))
        token = again.split()[-1]
        self.assertEqual(self.call('replay', token).returncode, 2)
        self.assertEqual(self.call('replay', token, '--adapter', 'moved.lua').returncode, 1)

    def test_of_a_damaged_token_is_2(self):
        token = self.again(1, 'bc26', '--rule', 'bc.end-is-the-result', *BAD).split(' -- ')[0].split()[-1]
        for bad in (token[:-1], token[:20] + token[21:], token + 'x', token + 'a'):
            done = self.call('replay', bad, *BAD)
            self.assertEqual(done.returncode, 2, bad)
            self.assertIn('the token is damaged', done.stderr)


class Adapters(Audit):
    def adapter(self, text):
        return self.write('host.lua', text)

    def test_starts_the_host_and_knows_its_statuses(self):
        path = self.adapter('return { command = { "bc26-updater", "{tty}", "{url}" }, statuses = { [4] = "success" } }\n')
        out = self.audit(1, 'bc26', '--adapter', path, '--rule', 'bc.end-is-the-result')
        self.assertRegex(out, r'exited with 4\n +stimulus +wrong-base: ')
        self.assertIn('gave up (it exited with 0, a status that the adapter does not name)', out)

    def test_a_claim_in_the_output_is_success(self):
        path = self.adapter('return { claims = "asking for http" }\n')
        out = self.audit(1, 'bc26', '--adapter', path, '--stimulus', 'plain', *GOOD)
        self.assertRegex(out, r'BROKEN +must +bc\.end-is-the-result')

    def test_that_is_wrong_is_2(self):
        self.audit(2, 'bc26', '--adapter', self.adapter('return { comand = {} }\n'), *GOOD)
        self.assertIn('host.lua: unknown option "comand"; did you mean "command"?', self.stderr)
        self.audit(2, 'bc26', '--adapter', self.adapter('return 7\n'), *GOOD)
        self.audit(2, 'bc26', '--adapter', self.adapter('return {\n'), *GOOD)
        for text, words in (
                ('statuses = { [0] = "sucess" }', 'host.lua: statuses: [0]: there is no "sucess"; did you mean "success"?'),
                ('statuses = { zero = "success" }', 'statuses: "zero" is no exit status; they are whole numbers from 0 to 255'),
                ('statuses = { [1] = "failure" }', 'statuses: none of them is "success"'),
                ('statuses = { [0] = 7 }', 'host.lua: statuses: [0] must be a string, not a number'),
                ('consent = { promt = "x" }', 'host.lua: consent: unknown option "promt"; did you mean "prompt"?'),
                ('reports = { download_bgun = "x" }', 'reports: unknown option "download_bgun"; did you mean "download_begun"?'),
                ('reports = { from = "outptu" }', 'reports.from: there is no "outptu"; did you mean "output"?'),
                ('battery = { low = "USR1" }', 'battery.full, the name of a signal, must be a string, not a nil'),
                ('command = "updater {tty}"', 'host.lua: command must be a table, not a string'),
                ('command = { {} }', 'host.lua: command: a list of words was expected'),
                ('time_scale = 1', 'host.lua: time_scale must be a boolean, not a number'),
                ('version = 1', 'host.lua: version must be a string, not a number')):
            self.audit(2, 'bc26', '--adapter', self.adapter('return { %s }\n' % text), *GOOD)
            self.assertIn(words, self.stderr)

    def test_statuses_say_what_the_host_meant(self):
        path = self.adapter('return { statuses = { [0] = "success", [4] = "failure: wrong package" } }\n')
        host = ['--', 'bc26-updater', '--bug', 'stops-at-banner', '{tty}', '{url}']
        out = self.audit(1, 'bc26', '--adapter', path, '--rule', 'bc.survives-banner', *host)
        self.assertIn('gave up (it exited with 5, a status that the adapter does not name) after the lines of the boot ROM', out)
        path = self.adapter('return { statuses = { [0] = "success", [5] = "failure: of the module" } }\n')
        out = self.audit(1, 'bc26', '--adapter', path, '--rule', 'bc.survives-banner', *host)
        self.assertIn('gave up (it exited with 5: of the module) after', out)

    def test_a_status_can_mean_that_nothing_is_newer(self):
        words = ['air720', '--rule', 'air.27-is-up-to-date', '--adapter']
        host = ['--', 'air720-updater', '{tty}', '{tty:air720.uart2}', '{url}', '--bug', 'fails-27']
        statuses = 'return { service_url = "service", statuses = { [0] = "success", [8] = "%s" } }\n'
        out = self.audit(1, *words, self.adapter(statuses % 'failure: refused'), *host)
        self.assertIn('took cause 27 for a failure: it exited with 8: refused', out)
        self.audit(0, *words, self.adapter(statuses % 'up to date'), *host)

    def test_a_host_that_was_started_wrongly_is_2(self):
        path = self.adapter('return { statuses = { [0] = "success", [2] = "usage" } }\n')
        self.audit(2, 'bc26', '--adapter', path, '--', 'bc26-updater', '--no-such-option')
        self.assertIn('the host says that it was started wrongly: it exited with 2; mend the command', self.stderr)

    def test_the_version_that_the_host_tells_is_compared(self):
        host = '#!/bin/sh\n%s "$1" "$2"\necho it runs ' % UPDATER
        self.write('host.sh', host + 'BC26NBR01A09\n', 0o755)
        path = self.adapter('return { version = pat"runs (%S+)" }\n')
        out = self.audit(1, 'bc26', '--adapter', path, '--stimulus', 'plain', '--', './host.sh', '{tty}', '{url}')
        self.assertIn('told the version BC26NBR01A09 while the module ran BC26NBR01A06', out)
        self.write('host.sh', host + 'BC26NBR01A06\n', 0o755)
        self.audit(0, 'bc26', '--adapter', path, '--stimulus', 'plain', '--', './host.sh', '{tty}', '{url}')

    def test_help_shows_one(self):
        text = self.audit(0, '--help')
        sample = text[text.index('  return {'):text.index('\n  }\n') + 5]
        self.audit(0, 'bc26', '--adapter', self.adapter(sample.replace('claims =', '-- claims =').replace('size = "64k"', 'size = "8k"')),
                   '--stimulus', 'plain', '--', 'bc26-updater', '{tty}', '{url}')


class Time(Audit):
    # A host that is told that time is as usual takes no notice of --time xN: for the module it is N times as slow.
    SLOW = 'return { env = { HAYESWIRE_TIME_SCALE = "1" }, time_scale = %s }\n'

    def rule(self, status, scale_aware, bug):
        path = self.write('host.lua', self.SLOW % scale_aware)
        out = self.audit(status, 'bc26', '--time', 'x100', '--adapter', path, '--rule', 'bc.http-error', '--stimulus', 'not-found',
                         '--reporter', 'json', '--', 'bc26-updater', '--bug', bug, '{tty}', '{url}')
        return next(rule for rule in json.loads(out)['rules'] if rule['id'] == 'bc.http-error')

    def test_what_rests_on_the_host_being_slow_is_no_finding(self):
        rule = self.rule(0, 'false', 'ignores-httpend')
        self.assertEqual(rule['state'], 'not observed')
        self.assertIn("with --time x100 the host's own pauses are 100 times as long", rule['why'])
        self.assertEqual(self.rule(1, 'true', 'ignores-httpend')['state'], 'broken')

    def test_what_a_fast_host_does_is_one(self):
        self.assertEqual(self.rule(1, 'false', 'retry-storm')['state'], 'broken')


class Reports(Audit):
    HOST = '''#!/usr/bin/env python3
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], data=b'{"event": "download_begun"}')
'''

    def test_may_be_in_the_output(self):
        words = ['"download begun"', '"download done"', '"download failed: 20"', '"upgrade begun"', '"upgrade done: 1.3.0.0"']
        adapter = self.write('host.lua', 'return { reports = { from = "output" } }\n')
        for state, said in (('broken', words), ('kept', words + ['"upgrade failed: 80"'])):
            self.write('host.py', '#!/usr/bin/env python3\n' + ''.join('print(%s)\n' % word for word in said), 0o755)
            out = self.audit(1, 'mt5700', '--rule', 'mt.reports-events', '--adapter', adapter, '--reporter', 'json', '--', './host.py')
            rule = next(rule for rule in json.loads(out)['rules'] if rule['id'] == 'mt.reports-events')
            self.assertEqual(rule['state'], state)
            if state == 'broken':
                self.assertEqual(rule['did'], 'never reported upgrade_failed')

    def test_are_collected_by_post(self):
        self.write('reporter.py', self.HOST, 0o755)
        self.audit(1, 'mt5700', '--stimulus', 'events', '--keep', '--time', 'x20', '--', './reporter.py', '{report}')
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
            self.assertTrue(rule['stimulus'] and rule['needs'] and rule['source'] and rule['expects'], rule)

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


class OwnRules(Case):
    """t:rule{}, and the shapes that monitors are written with. What is typed takes 1 s of modem time a line."""

    def typed(self, status, monitor, *lines, level='must'):
        body = '''
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" } }
  local line = t:terminal(modem)
  line:rouse()
  t:rule { id = "my.rule", level = "%s", sentence = "a sentence", expects = "something else", monitor = function(m, e)
    %s
  end }
  for _, text in ipairs { %s } do
    line:type(text)
    t:let_pass "1s"
  end
''' % (level, monitor, ', '.join('"%s"' % line for line in lines))
        return self.run_(status, self.scenario('typed.lua', body))

    def test_fails_with_what_the_host_did_and_what_was_expected(self):
        monitor = 'm:broken(m:first(e.cmd "AT+CSQ"), "asked for the signal")'
        out = self.typed(1, monitor, 'AT+CSQ')
        for words in ('my.rule: the host asked for the signal', 'the rule: a sentence (the scenario)', 'expected: something else', 'AT+CSQ'):
            self.assertIn(words, out)
        self.typed(0, monitor, 'AT+CSQ', level='should')

    def test_never_while(self):
        monitor = 'm:never(e.cmd "AT+CSQ", { during = function(world) return world.power == "on" end, did = "asked" })'
        self.typed(1, monitor, 'AT+CSQ')
        self.typed(0, monitor, 'AT+CGMR')

    def test_needs_before(self):
        monitor = 'm:needs(e.cmd "AT+CSQ", { before = e.cmd "AT+CGMR", since = e.cmd "AT+CEREG?", did = "asked too early" })'
        self.typed(0, monitor, 'AT+CGMR', 'AT+CSQ')
        self.typed(1, monitor, 'AT+CSQ', 'AT+CGMR')
        self.typed(1, monitor, 'AT+CGMR', 'AT+CEREG?', 'AT+CSQ')

    def test_answers_within(self):
        monitor = 'm:answers(e.cmd "AT+CGMR", { answer = e.cmd "AT+CSQ", within = "%s", unless = e.cmd "ATI", did = "was late" })'
        self.typed(0, monitor % '1500ms', 'AT+CGMR', 'AT+CSQ')
        self.typed(1, monitor % '1500ms', 'AT+CGMR', 'AT+CGSN=1', 'AT+CSQ')
        self.typed(0, monitor % '2500ms', 'AT+CGMR', 'AT+CGSN=1', 'AT+CSQ')
        self.typed(0, monitor % '1500ms', 'AT+CGMR', 'ATI', 'AT+CSQ')

    def test_at_most(self):
        monitor = 'm:at_most(e.cmd "AT+CSQ", { count = 2, within = "2500ms", did = "hammered" })'
        self.typed(0, monitor, 'AT+CSQ', 'AT+CSQ', 'ATI', 'AT+CSQ', 'AT+CSQ')
        self.typed(1, monitor, 'AT+CSQ', 'AT+CSQ', 'AT+CSQ')

    def test_only_between(self):
        monitor = 'm:between(e.cmd "AT+CSQ", { from = e.cmd "ATI", to = e.cmd "AT+CGMR", did = "asked outside" })'
        self.typed(0, monitor, 'ATI', 'AT+CSQ', 'AT+CGMR')
        self.typed(1, monitor, 'ATI', 'AT+CGMR', 'AT+CSQ')
        self.typed(1, monitor, 'AT+CSQ', 'ATI')

    def test_pauses(self):
        monitor = 'm:pauses(m:first(e.cmd "ATI"), m:first(e.cmd "AT+CSQ"), 1500000, "was hasty")'
        self.typed(1, monitor, 'ATI', 'AT+CSQ')
        self.typed(0, monitor, 'ATI', 'AT+CGMR', 'AT+CSQ')

    def test_a_wrong_one_is_an_error_of_the_scenario(self):
        for rule, words in (('{ id = "a", sentense = "b" }', 't:rule: unknown option "sentense"; did you mean "sentence"?'),
                            ('{ id = "a", sentence = "b" }', 't:rule: monitor must be a function, not a nil'),
                            ('{ id = "a", sentence = "b", level = "mus", monitor = print }', 'did you mean "must"?')):
            self.assertIn(words, self.run_(2, self.scenario('wrong.lua', '  t:rule ' + rule)))


if __name__ == '__main__':
    unittest.main(verbosity=2)
