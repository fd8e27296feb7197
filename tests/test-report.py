#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The forms of reports from outside: JUnit, TAP, JSON lines, annotations, captures; convert, show and merge.

Usage: test-report.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import unittest
import xml.etree.ElementTree

try:
    import yaml
except ImportError:
    yaml = None

from outside import HAYESWIRE, LIMIT_S, Case

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, '..', 'harness', 'report.schema.json')
READY = os.path.join(HERE, '..', 'harness', 'ci')
GITHUB_SHELL = ['bash', '-e', '-c']  # what a step is run by
READY_FILE = os.path.join(READY, 'slurm-sweep.sbatch')
SWEEP = os.path.join(HERE, 'scenarios', 'sweep.lua')
UPGRADE = os.path.join(HERE, '..', 'scenarios', 'bc26', 'upgrade.lua')
NASTY = r"""</failure> ]]> <!-- & \1\8\26\27\127\0\128\255 \195\40 \237\160\128 \239\191\190 \"'|:%,"""
BODY = r'''
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" } }
  modem:wait_power("on", { within = "1m" })
  modem:raw("%s")
  t:note("%s")
  t:check(false, "%s")
'''


class Schema:
    """As much of JSON Schema as ours needs."""

    def __init__(self, path):
        with open(path, encoding='utf-8') as file:
            self.root = json.load(file)

    TYPES = {'object': dict, 'array': list, 'string': str, 'integer': int, 'null': type(None)}

    def fits(self, value, schema):
        if '$ref' in schema:
            return self.fits(value, self.root['$defs'][schema['$ref'].rsplit('/', 1)[1]])
        kinds = schema.get('type', [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(isinstance(value, self.TYPES[kind]) for kind in kinds):
            return False
        if ('const' in schema and value != schema['const']) or ('enum' in schema and value not in schema['enum']):
            return False
        if isinstance(value, int) and not schema.get('minimum', value) <= value <= schema.get('maximum', value):
            return False
        if 'oneOf' in schema and sum(self.fits(value, one) for one in schema['oneOf']) != 1:
            return False
        if not all(self.fits(value, one) for one in schema.get('allOf', [])) or \
                ('not' in schema and self.fits(value, schema['not'])):
            return False
        return self.fits_parts(value, schema)

    def fits_parts(self, value, schema):
        if isinstance(value, list) and 'items' in schema:
            return all(self.fits(item, schema['items']) for item in value)
        if isinstance(value, dict):
            known = schema.get('properties', {})
            if any(name not in value for name in schema.get('required', [])):
                return False
            if schema.get('additionalProperties') is False and any(name not in known for name in value):
                return False
            return all(self.fits(item, known[name]) for name, item in value.items() if name in known)
        return True


class ReportCase(Case):
    def nasty(self, name='nasty.lua'):
        return self.scenario(name, BODY % (NASTY, NASTY, NASTY), 'it ends ]]> &amp; <b>')

    def read(self, name):
        with open(self.path(name), encoding='utf-8') as file:
            return file.read()

    def lines(self, name):
        opener = gzip.open if name.endswith('.gz') else open
        with opener(self.path(name), 'rt', encoding='utf-8') as file:
            return [json.loads(line) for line in file]

    def check_xml(self, name):
        root = xml.etree.ElementTree.parse(self.path(name)).getroot()
        if shutil.which('xmllint'):
            done = subprocess.run(['xmllint', '--noout', self.path(name)], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
        return root


class Forms(ReportCase):
    def test_several_at_once(self):
        self.nasty()
        out = self.run_(1, '.', '--reporter', 'pretty,junit=j.xml,jsonl=all.jsonl', '--reporter', 'html=pages,pcapng=p,asciicast=c')
        self.assertRegex(out, r'^FAIL  ')
        for name in ('j.xml', 'all.jsonl', 'pages/nasty.html', 'pages/index.html', 'p/nasty.pcapng', 'c/nasty.cast'):
            self.assertGreater(os.path.getsize(self.path(name)), 100, name)

    def test_wrong_lists(self):
        self.nasty()
        for words, said in ((['junti=x'], 'did you mean junit?'), (['junit'], 'wants a file'), (['html'], 'wants a folder'),
                            (['pretty,tap'], 'both want stdout'), (['tap,jsonl=-'], 'both want stdout'), (['junit='], 'a name is expected')):
            self.run_(2, '.', '--reporter', *words)
            self.assertIn(said, self.stderr)
        self.run_(3, '.', '--reporter', 'junit=/nowhere/x.xml')
        self.assertIn('/nowhere/x.xml', self.stderr)

    def test_junit_says_all_in_the_body_whatever_the_bytes(self):
        self.nasty()
        self.scenario('good.lua', '', 'it works')
        self.scenario('skipped.lua', 't:skip("no reason")', 'it rests')
        self.scenario('wrong.lua', 'error("oops")', 'it is wrong')
        self.run_(2, '.', '--reporter', 'junit=j.xml')
        root = self.check_xml('j.xml')
        self.assertEqual([root.get(key) for key in ('tests', 'failures', 'errors', 'skipped')], ['4', '1', '1', '1'])
        case = root.find(".//testcase[@classname='./nasty.lua']")
        body = case.find('failure').text
        for words in ('nasty.lua', 'again', '--seed', 'transcript', '</failure> ]]> <!-- & ␁␈␚␛␡', '\\xc3('):
            self.assertIn(words, body)
        self.assertEqual((case.get('file'), case.get('line')), ('./nasty.lua', '1'))
        self.assertIn('[[ATTACHMENT|out/', case.find('system-out').text)
        self.assertEqual(root.find('.//skipped').get('message'), 'no reason')
        self.assertIn('oops', root.find(".//testcase[@classname='./wrong.lua']/error").text)

    def test_a_long_transcript_is_cut(self):
        self.scenario('long.lua', 'for i = 1, 5000 do t:note("line " .. i) end t:check(false)')
        self.run_(1, '.', '--reporter', 'junit=j.xml')
        body = self.check_xml('j.xml').find('.//failure').text
        self.assertLess(len(body.encode()), 70000)
        self.assertRegex(body, r'\.\.\. \d+ lines left out \.\.\.')
        self.assertIn('line 5000', body)

    def test_json_lines_follow_their_schema(self):
        schema = Schema(SCHEMA)
        self.nasty()
        self.scenario('good.lua', 't:note("x")')
        self.run_(0, UPGRADE, '--reporter', 'jsonl=upgrade.jsonl')
        self.run_(1, '.', '--reporter', 'jsonl=all.jsonl.gz', '--keep')
        traces = ['out/latest/nasty/trace.jsonl', 'out/latest/good/trace.jsonl']
        for name in ['upgrade.jsonl', 'all.jsonl.gz', 'out/latest/results.jsonl', *traces]:
            for line in self.lines(name):
                self.assertTrue(schema.fits(line, schema.root), line)
        self.assertIn('progress', {line['k'] for line in self.lines('upgrade.jsonl')})
        self.assertFalse(os.path.exists(self.path('all.jsonl.gz.part')))
        stream = self.lines('all.jsonl.gz')
        self.assertEqual((stream[0]['k'], stream[-1]['k'], stream[-1]['failed']), ('run', 'end', 1))
        raw = [line['d'] for line in stream if line['k'] == 'tx']
        self.assertIn('\x01\x08\x1a\x1b\x7f\x00\x80\xff', ''.join(raw))
        broken = dict(stream[0], v=2)
        self.assertFalse(schema.fits(broken, schema.root))
        self.assertFalse(schema.fits({'t': 1, 'w': 1, 'p': 'm', 'k': 'xx', 'd': ''}, schema.root))

    def three_files(self):
        """A file with one scenario, one with two of which one fails, and one that is skipped."""
        self.nasty('b.lua')
        self.scenario('a.lua', 't:note("one\\n\\ntwo")')
        self.scenario('c.lua', 't:skip("no # reason")')
        self.write('b.lua', self.read('b.lua') + 'scenario("it works", function(t) end)\n')

    def test_tap_has_a_subtest_for_a_file_of_several_scenarios(self):
        self.three_files()
        out = self.run_(1, '.', '--reporter', 'tap').splitlines()
        points = [line for line in out if re.match(r' *(not ok|ok|1\.\.|# Subtest|TAP)', line)]
        self.assertEqual(points, [
            'TAP version 14', '1..3', 'ok 1 - ./a.lua:1 a title', '# Subtest: ./b.lua', '    1..2',
            '    not ok 1 - ./b.lua:1 it ends ]]> &amp; <b>', '    ok 2 - ./b.lua:10 it works', 'not ok 2 - ./b.lua',
            'ok 3 - ./c.lua:1 a title # SKIP no # reason'])
        self.assertEqual({len(line) - len(line.lstrip()) for line in out if line.strip() in ('---', '...')}, {6})
        alone = self.run_(1, 'b.lua', '--reporter', 'tap')
        self.assertRegex(alone, r'(?s)^TAP version 14\n1\.\.2\nnot ok 1 - .*\nok 2 - b.lua:10 it works\n$')

    @unittest.skipUnless(shutil.which('prove'), 'no prove')
    def test_prove_reads_the_tap(self):
        self.three_files()
        self.write('t/all.t', '#!/bin/sh\nexec %s run . --reporter tap\n' % HAYESWIRE, 0o755)
        self.write('t/one.t', '#!/bin/sh\nexec %s run b.lua --reporter tap\n' % HAYESWIRE, 0o755)
        self.write('saved.tap', self.run_(1, 'b.lua', '--reporter', 'tap13'))
        for test, how, tests, failed in (('t/all.t', '', 3, '2'), ('t/one.t', '', 2, '1'), ('saved.tap', 'cat', 2, '1')):
            done = subprocess.run(['prove', '-e', how, test], cwd=self.dir, capture_output=True, text=True, check=False, timeout=LIMIT_S)
            said = done.stdout + done.stderr
            self.assertNotIn('Parse errors', said)
            self.assertRegex(said, r'Tests: %d Failed: 1\)\n  Failed test:  %s\n' % (tests, failed))

    def test_dots_for_what_is_good_and_words_for_the_rest(self):
        self.three_files()
        self.write('many.lua', 'for i = 1, 70 do scenario("number " .. i, function(t) end) end\n')
        for args, env in ((['--reporter', 'dot'], None), ([], dict(os.environ, GITHUB_ACTIONS='true'))):
            out = self.run_(1, '.', '-j', '8', *args, env=env).splitlines()
            self.assertEqual(out[0], '.')
            self.assertRegex(out[1], r'^FAIL  \./b\.lua:\d+ +it ends')
            self.assertTrue(any('again' in line for line in out))
            self.assertIn('.s' + '.' * 58 + '  62 of 74', out)
            self.assertRegex('\n'.join(out), r'\n\.{12}\n72 passed, 1 failed, 1 skipped in ')
            self.assertEqual(sum(line.startswith('::error') for line in out), 0 if env is None else 1)

    @unittest.skipUnless(shutil.which('tshark'), 'no tshark')
    def test_tshark_decodes_commands_of_both_directions(self):
        self.scenario('a.lua', '''
  local modem = t:modem { dialect = "bc26", quirks = { "baud-fixed-default" } }
  modem:fault 'line.tx@"+CSQ:"=flip:3'
  modem:wait_power("on", { within = "1m" })
  local host = t:host { "sh", "-c", [[exec 3<>"$0"; stty -F "$0" raw -echo; printf 'AT+CSQ\\r' >&3; timeout 2 head -n 4 <&3 >/dev/null; exit 0]], modem.tty }
  modem:expect("AT+CSQ", { within = "10s" })
  host:expect_exit(0, { within = "20s" })
''')
        self.run_(0, 'a.lua', '--reporter', 'pcapng=p')
        done = subprocess.run(['tshark', '-r', self.path('p/a.pcapng'), '-V'], capture_output=True, text=True, check=False)
        self.assertIn('Sent AT Command: AT+CSQ', subprocess.run(
            ['tshark', '-r', self.path('p/a.pcapng')], capture_output=True, text=True, check=False).stdout)
        self.assertRegex(done.stdout, r'AT Command: .*\+CS')
        self.assertIn('line.tx@"+CSQ:"=flip:3 (fired 1 of 1)', done.stdout)

    def test_what_there_is_is_written_when_the_run_is_interrupted_and_its_reader_with_it(self):
        self.scenario('a.lua', '')
        self.scenario('b.lua', 't:modem { dialect = "bc26" }:wait_urc("never", { within = "9h" })')
        args = ('run', 'a.lua', 'b.lua', '-j', '1', '--time', 'real', '-t', '10h')
        forms = 'pretty,junit=j.xml,jsonl=all.jsonl,html=pages'
        with subprocess.Popen([HAYESWIRE, *args, '--reporter', forms], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, stdin=subprocess.DEVNULL) as run:
            self.assertRegex(run.stdout.readline(), '^ok ')
            run.stdout.close()
            run.send_signal(signal.SIGINT)
            run.stderr.read()
        self.assertEqual(run.returncode, 128 + signal.SIGINT)
        self.assertEqual([case.get('classname') for case in self.check_xml('j.xml').iter('testcase')], ['a.lua', 'b.lua'])
        end = self.lines('all.jsonl')[-1]
        self.assertEqual((end['k'], end['passed'], end['not_run']), ('end', 1, 1))
        self.assertIn('not run', self.read('pages/index.html'))

    def test_places_and_commands_are_those_of_any_checkout(self):
        self.nasty('t/nasty.lua')
        for word in (self.path('t'), self.path('t/nasty.lua:1'), 't/nasty.lua'):
            out = self.run_(1, word, '--reporter', 'pretty,junit=j.xml', env=dict(os.environ, HAYESWIRE_COMMAND='./hw'))
            self.assertRegex(out, r'^FAIL  t/nasty\.lua:\d+  it ends')
            self.assertRegex(out, r' again +\./hw run t/nasty\.lua:1 --seed \d+\n')
            self.assertNotIn(self.dir, self.read('j.xml'))

    def test_a_folder_used_twice_has_no_page_of_the_first_run(self):
        self.nasty()
        self.run_(1, '.', '--reporter', 'html=pages')
        self.assertIn('href="nasty.html"', self.read('pages/index.html'))
        self.scenario('nasty.lua', '')
        self.run_(0, '.', '--reporter', 'jsonl=all.jsonl')
        results = [line for line in self.lines('all.jsonl') if line['k'] in ('run', 'case', 'end')]
        self.write('results.jsonl', ''.join(json.dumps(line) + '\n' for line in results))
        self.assertEqual(self.call('report', 'convert', 'results.jsonl', '--to', 'html', '-o', 'pages').returncode, 0)
        self.assertNotIn('href="nasty.html"', self.read('pages/index.html'))

    @unittest.skipUnless(shutil.which('tshark'), 'no tshark')
    def test_tshark_sees_all_of_an_upgrade_in_its_direction_and_at_its_time(self):
        self.run_(0, UPGRADE, '--reporter', 'pcapng=p,jsonl=all.jsonl')
        wanted = [('rx' if line['k'] == 'rx' else 'tx', '%.6f' % (line['t'] / 1e6), line['d'])
                  for line in self.lines('all.jsonl') if line['k'] in ('rx', 'tx') and line['d']]
        done = subprocess.run(['tshark', '-r', self.path('p/upgrade.pcapng'), '-T', 'fields', '-e', 'exported_pdu.p2p_dir',
                               '-e', 'frame.time_epoch', '-e', '_ws.col.Info'], capture_output=True, text=True, check=False)
        seen = [line.split('\t') for line in done.stdout.splitlines()]
        self.assertEqual([('rx' if side == '0' else 'tx', at[:-3]) for side, at, _ in seen], [item[:2] for item in wanted])
        self.assertEqual([info.startswith('Sent AT Command: ') for _, _, info in seen], [kind == 'rx' for kind, _, _ in wanted])
        self.assertEqual([info.startswith('Rcvd AT Command: ') for _, _, info in seen], [kind == 'tx' for kind, _, _ in wanted])
        self.assertTrue(any(info.startswith('Sent AT Command: AT+QFOTADL="http') for _, _, info in seen))

    def test_asciicast(self):
        self.nasty()
        self.run_(1, '.', '--reporter', 'asciicast=c')
        head, *events = self.lines('c/nasty.cast')
        self.assertEqual((head['version'], head['title']), (2, 'it ends ]]> &amp; <b>'))
        self.assertTrue(any(code == 'o' and '</failure>' in data for _, code, data in events))
        self.assertEqual(sorted(t for t, _, _ in events), [t for t, _, _ in events])

    def test_a_failure_has_its_page_beside_its_trace(self):
        self.nasty()
        self.assertIn('report.html', self.run_(1, '.'))
        page = self.read('out/latest/nasty/report.html')
        self.assertTrue(page.startswith('<!DOCTYPE html>'))
        self.run_(1, '.', '--trace', 'off')
        self.assertFalse(os.path.exists(self.path('out/latest/nasty/report.html')))


class GitHub(ReportCase):
    def annotations(self, causes, times):
        words = ('alpha beta', 'gamma', 'delta epsilon zeta', 'eta theta', 'iota', 'kappa lambda', 'mu nu xi', 'omicron', 'pi rho',
                 'sigma tau', 'upsilon', 'phi chi psi', 'omega', 'alef', 'bet gimel')
        for i in range(causes):
            body = '\n'.join('scenario("%d.%d, 100%% : x", function(t) t:check(false, "%s failed %d times: %%") end)'
                             % (i, j, words[i], j) for j in range(times))
            self.write('s%02d.lua' % i, body + '\n')
        self.write('summary.md', 'before\n')
        env = dict(os.environ, GITHUB_ACTIONS='true', GITHUB_STEP_SUMMARY=self.path('summary.md'))
        out = self.run_(1, '.', '-j', '8', env=env)
        return [line for line in out.splitlines() if line.startswith('::')]

    def test_each_cause_has_one(self):
        notes = self.annotations(3, 4)
        self.assertEqual(len(notes), 3)
        self.assertRegex(notes[0], r'^::error file=\./s\d\d\.lua,line=1,title=\d\.0%2C 100%25 %3A x::.* failed 0 times: %25')
        self.assertIn('%0Aand 3 more, same cause', notes[0])
        summary = self.read('summary.md')
        self.assertTrue(summary.startswith('before\n### Hayeswire'))
        self.assertIn('(4 times)', summary)

    def test_at_most_ten(self):
        notes = self.annotations(14, 2)
        self.assertEqual([note.split(' ')[0] for note in notes], ['::error'] * 10 + ['::notice'])
        self.assertIn('8 more failures, of 4 other causes', notes[-1])
        self.assertEqual(len({re.search(r'file=(\S+?),', note).group(1) for note in notes[:10]}), 10)

    def test_a_large_summary_is_cut_before_it_is_thrown_away(self):
        body = 'scenario("%s", function(t) t:check(false, "%s" .. ("y"):rep(30000)) end)\n'
        letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
        self.write('a.lua', ''.join(body % (letter, letter) for letter in letters))
        env = dict(os.environ, GITHUB_STEP_SUMMARY=self.path('summary.md'))
        self.run_(1, 'a.lua', '-j', '8', '--reporter', 'github', env=env)
        self.assertLess(os.path.getsize(self.path('summary.md')), 1_000_000)
        self.assertIn('more causes are left out here', self.read('summary.md'))


class ConvertCase(ReportCase):
    def report(self, status, *args):
        done = self.call('report', *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.stderr = done.stderr
        return done.stdout


class Convert(ConvertCase):
    def test_a_stream_and_a_folder_give_the_same_as_the_run_itself(self):
        self.nasty()
        self.scenario('good.lua', '')
        out = self.run_(1, '.', '--reporter', 'pretty,junit=j.xml,jsonl=all.jsonl')
        first = self.check_xml('j.xml').find('.//failure').text.split('kept')[0].strip()
        for source in ('all.jsonl', 'out/latest'):
            self.report(0, 'convert', source, '--to', 'junit', '-o', 'again.xml')
            self.assertEqual(self.check_xml('again.xml').find('.//failure').text.split('kept')[0].split('transcript')[0].strip(), first)
            shown = self.report(0, 'show', source)
            self.assertEqual(shown.splitlines()[:4], out.splitlines()[:4])
        self.report(0, 'convert', 'all.jsonl', '--to', 'jsonl', '-o', 'same.jsonl')
        self.assertEqual([line for line in self.lines('same.jsonl') if line['k'] not in ('end', 'case')],
                         [line for line in self.lines('all.jsonl') if line['k'] not in ('end', 'case')])
        self.assertRegex(self.report(0, 'convert', 'all.jsonl', '--to', 'tap'), r'^TAP version 14\n1\.\.2\n')

    def test_a_trace_by_itself(self):
        self.nasty()
        self.run_(1, '.')
        trace = 'out/latest/nasty/trace.jsonl'
        page = self.report(0, 'convert', trace, '--to', 'html')
        self.assertIn('it ends ]]&gt; &amp;amp; &lt;b&gt;', page)
        self.assertIn('FAIL', page)  # the run's results beside it say so
        self.report(0, 'convert', trace, '--to', 'asciicast', '-o', 'x.cast')
        shutil.copy(self.path(trace), self.path('alone.jsonl'))
        self.assertIn('bc26 power: on', self.report(0, 'show', 'alone.jsonl'))

    def test_wrong_usage_and_broken_files(self):
        self.nasty()
        self.run_(1, '.', '--reporter', 'jsonl=all.jsonl.gz')
        for status, args, said in ((2, ['convert', 'x'], '--to which form'), (2, ['covert'], 'did you mean "convert"'),
                                   (2, ['convert', 'x', '--to', 'htlm'], 'did you mean html'), (3, ['show', 'x'], 'No such file'),
                                   (3, ['show', 'nasty.lua'], 'neither'), (2, ['merge', 'x'], '--expect-shards N is needed')):
            self.report(status, *args)
            self.assertIn(said, self.stderr)
        with open(self.path('all.jsonl.gz'), 'rb') as file:
            packed = file.read()
        with open(self.path('cut.jsonl.gz'), 'wb') as file:
            file.write(packed[:len(packed) // 2])
        self.report(3, 'show', 'cut.jsonl.gz')
        self.assertIn('cut.jsonl.gz: damaged', self.stderr)


class Shards(ConvertCase):
    COUNT = 8
    WHAT = ('-k', '^BC26 upgrades$', '--points', 'nv,download.head,bc26.fota', '--',
            'bc26-updater', '{tty}', '{url}', '--bug', 'never-retries')

    def sweep(self, *args, env=None):
        done = subprocess.run([HAYESWIRE, 'sweep', SWEEP, *args, *self.WHAT], cwd=self.dir, capture_output=True, text=True,
                              timeout=200, check=False, stdin=subprocess.DEVNULL, env=env)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stderr

    def outcomes(self, name):
        """All of each trial that is not about this machine or this moment."""
        own = ('c', 'slug', 'folder', 'wall_us', 'again', 'token', 'rows')
        cases = [line for line in self.lines(name) if line['k'] == 'case']
        return sorted(json.dumps({key: value for key, value in line.items() if key not in own}, sort_keys=True) for line in cases)

    def part_by_environment(self, number, env):
        env = dict(env, JOB_COMPLETION_INDEX=str(number - 1), HAYESWIRE_SHARDS=str(self.COUNT))
        said = self.sweep('--shard', 'auto', env=env)
        self.assertIn("--shard auto: %d/%d, from Kubernetes' indexed job" % (number, self.COUNT), said)
        shutil.move(self.path(re.search(r'for report merge: (\S+)', said).group(1)), self.path('%d.gz' % number))

    def part_by_the_ready_file(self, number, env):
        """As sbatch starts it."""
        env = dict(env, SLURM_ARRAY_TASK_ID=str(number), SLURM_ARRAY_TASK_MIN='1', SLURM_ARRAY_TASK_COUNT=str(self.COUNT),
                   HAYESWIRE=HAYESWIRE, TMPDIR=self.dir)
        os.makedirs(self.path('results'), exist_ok=True)
        done = subprocess.run(['sh', READY_FILE, SWEEP, *self.WHAT], cwd=self.dir, capture_output=True, text=True, timeout=200,
                              check=False, stdin=subprocess.DEVNULL, env=env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        shutil.move(self.path('results/shard-%d.jsonl.gz' % number), self.path('%d.gz' % number))

    def test_shards_merged_are_the_whole(self):
        self.sweep('--reporter', 'jsonl=whole.jsonl')
        env = {name: value for name, value in os.environ.items() if 'SHARD' not in name}
        self.part_by_environment(1, env)
        for number in range(2, self.COUNT + 1):
            self.part_by_the_ready_file(number, env)
        merge = ('merge', '--expect-shards', str(self.COUNT))
        files = ['%d.gz' % number for number in (3, 1, 2, *range(self.COUNT, 3, -1))]
        self.report(1, *merge, *files, '-o', 'merged.jsonl', '--reporter', 'html=pages,junit=j.xml')
        self.assertGreater(len(self.outcomes('whole.jsonl')), 40)
        self.assertEqual(self.outcomes('merged.jsonl'), self.outcomes('whole.jsonl'))
        self.check_xml('j.xml')
        self.check_refused(merge, sorted(files))

    def check_refused(self, merge, files):
        """files: of all shards."""
        self.report(3, *merge, *files[:2], *files[3:])
        self.assertIn('shard 3 of 8 is missing', self.stderr)
        self.report(3, *merge, *files, '2.gz')
        self.assertIn('shard 2 is in 2.gz already', self.stderr)
        self.report(3, 'merge', '--expect-shards', '9', *files)
        self.assertIn('but 9 are expected', self.stderr)
        files = [name for name in files if name != '3.gz']
        lines = self.lines('3.gz')
        self.write('open.jsonl', ''.join(json.dumps(line) + '\n' for line in lines[:-1]))
        self.report(3, *merge, *files, 'open.jsonl')
        self.assertIn('open.jsonl: incomplete', self.stderr)
        self.write('other.jsonl', ''.join(json.dumps(line) + '\n' for line in [dict(lines[0], plan='0' * 16), *lines[1:]]))
        self.report(3, *merge, *files, 'other.jsonl')
        self.assertIn('of another plan', self.stderr)

    def test_auto_wants_to_know_how_many_there_are(self):
        for env, said in (({}, 'no scheduler says'), ({'JOB_COMPLETION_INDEX': '2'}, 'set HAYESWIRE_SHARDS'),
                          ({'SLURM_ARRAY_TASK_ID': '7', 'SLURM_ARRAY_TASK_MIN': '1', 'SLURM_ARRAY_TASK_COUNT': '4'}, 'part 7 of 4')):
            clean = {name: value for name, value in os.environ.items() if not re.match(r'HAYESWIRE_SHARD|SLURM|JOB_|CI_NODE', name)}
            done = self.call('sweep', SWEEP, '--shard', 'auto', '--plan', env={**clean, **env})
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(said, done.stderr)


@unittest.skipUnless(yaml, 'no PyYAML')
class ReadyFiles(ConvertCase):
    """What the ready files tell a scheduler to run, run as it would, with the capitals replaced."""
    COUNT = 2

    def setUp(self):
        super().setUp()
        os.makedirs(self.path('bin'))
        os.symlink(HAYESWIRE, self.path('bin/hayeswire'))
        self.env = {name: value for name, value in os.environ.items() if not re.match(r'HAYESWIRE_SHARD|SLURM|JOB_|CI_NODE', name)}
        self.env.update(PATH=self.path('bin') + ':' + os.environ['PATH'], HAYESWIRE_SHARDS=str(self.COUNT))

    @staticmethod
    def parsed(name):
        with open(os.path.join(READY, name), encoding='utf-8') as file:
            return yaml.safe_load(file)

    def sh(self, shell, script, **env):
        what = '%s -k "^BC26 upgrades$" --points nv' % SWEEP
        for old, new in (('SCENARIO.lua', what), ('./YOUR-PROGRAM', 'bc26-updater'), ('/results', self.dir), ('/tmp/out', self.path('out'))):
            script = script.replace(old, new)
        done = subprocess.run([*shell, script], cwd=self.dir, env={**self.env, **env}, capture_output=True, text=True,
                              timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def check_merged(self):
        names = sorted(name for name in os.listdir(self.dir) if name.startswith('shard-'))
        self.assertEqual(len(names), self.COUNT)
        self.assertRegex(self.report(0, 'merge', '--expect-shards', str(self.COUNT), *names), r': (\d+) trials, \1 passed')

    def test_kubernetes(self):
        job = self.parsed('kubernetes-indexed-job.yaml')
        self.assertEqual((job['apiVersion'], job['kind'], job['spec']['completionMode']), ('batch/v1', 'Job', 'Indexed'))
        container, = job['spec']['template']['spec']['containers']
        shards = {entry['name']: entry['value'] for entry in container['env']}['HAYESWIRE_SHARDS']
        self.assertEqual((shards, job['spec']['parallelism']), (str(job['spec']['completions']), job['spec']['completions']))
        self.assertEqual(container['command'], ['/bin/sh', '-c'])
        volumes = [volume['name'] for volume in job['spec']['template']['spec']['volumes']]
        self.assertEqual([mount['name'] for mount in container['volumeMounts']], volumes)
        for index in range(self.COUNT):
            self.sh(container['command'], container['args'][0], JOB_COMPLETION_INDEX=str(index))
        self.check_merged()

    def test_github(self):
        workflow = self.parsed('github-sweep.yml')
        part, report = workflow['jobs']['part'], workflow['jobs']['report']
        shards = part['strategy']['matrix']['shard']
        self.assertEqual(shards, list(range(1, workflow['env']['HAYESWIRE_SHARDS'] + 1)))
        self.assertEqual((report['needs'], report['if']), ('part', 'always()'))
        step, = [step for step in part['steps'] if 'run' in step]
        self.assertEqual(step['env'], {'HAYESWIRE_SHARD': '${{ matrix.shard }}'})
        for shard in shards[:self.COUNT]:
            self.sh(GITHUB_SHELL, step['run'], HAYESWIRE_SHARD=str(shard), GITHUB_ACTIONS='true')
        self.check_merged()
        merge, = [step for step in report['steps'] if 'run' in step]
        self.sh(GITHUB_SHELL, merge['run'])
        for path in report['steps'][-1]['with']['path'].split():
            self.assertTrue(os.path.exists(self.path(path)), path)


if __name__ == '__main__':
    unittest.main()
