#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The report pages in a headless Chromium without network: they open, can be clicked and searched, keep to their sizes,
and nothing that a modem or a host sent does any harm. Skipped (77) where there is no Chromium.

Usage: test-page.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import json
import os
import random
import re
import sys
import unittest

import browser

EVENTS = 100000
CODE_MAX, PAGE_MAX, LARGE_MAX = 120_000, 300_000, 1_500_000
OPEN_MAX_S = 10  # for a machine that does many things at once; it takes well under a second by itself
NASTY = '</script><script>document.title="broken"</script><!-- \x00\x1a\x1b\xff\xfe \xc3( <img src=x onerror=alert(1)> ]]> \r\n'
SVG_HREF = re.compile(r'(src|href)\s*=\s*["\'](?!data:|#|[0-9a-zA-Z_.-]+\.html)')


def record(t, who, kind, data):
    return json.dumps({'t': t, 'w': t // 10, 'p': who, 'k': kind, 'd': data})


def trace(title, records):
    return '\n'.join([json.dumps({'v': 1, 'k': 'header', 'title': title, 'dropped': 0}), *records,
                      json.dumps({'k': 'end', 'records': len(records)}), ''])


def upgrade(cut_at=None):
    """The records of an upgrade, cut off by a fault or not."""
    records = [record(1000, 'm0', 'power', 'booting'), record(2000000, 'm0', 'power', 'on'),
               record(2100000, 'host', 'host', 'started pid 7: updater /dev/pts/1'),
               record(2200000, 'm0', 'rx', 'AT+QFOTADL="http://127.0.0.1:4711/d.bin"\r'),
               record(2200010, 'm0', 'cmd', 'AT+QFOTADL="http://127.0.0.1:4711/d.bin"'),
               record(2200020, 'm0', 'state', 'fota downloading'), record(2200100, 'm0', 'tx', '\r\nOK\r\n'),
               record(2300000, 'm0', 'http', 'GET http://127.0.0.1:4711/d.bin'), record(2310000, 'm0', 'http', '200, 65536 bytes')]
    for percent in range(1, 101):
        t = 2400000 + percent * 50000
        text = '+QIND: "FOTA","DOWNLOADING",%d%%' % percent
        records += [record(t, 'm0', 'urc', text), record(t + 10, 'm0', 'tx', '\r\n' + text + '\r\n')]
        if percent == cut_at:
            return records + [record(t + 20, 'm0', 'fault', 'bc26.fota.download@%d%%=power_cut (fired 1 of 1)' % percent),
                              record(t + 20, 'm0', 'power', 'off'), record(t + 900000, 'host', 'stderr', 'no module'),
                              record(t + 1000000, 'm0', 'urc', 'RDY'), record(t + 1900000, 'host', 'host', 'exited with 4')]
    return records + [record(7500000, 'm0', 'state', 'fota idle'), record(7600000, 'host', 'host', 'exited with 0')]


def busy_records():
    """100,000 events that are no easier to pack than those of a busy modem: times, numbers and texts all differ."""
    dice, records, t, w = random.Random(4), [], 0, 0
    for i in range(EVENTS):
        t += dice.choice((0, 150, 10000, dice.randrange(2000000)))
        w += dice.randrange(900)
        kind, data = (('rx', 'AT+%s\r' % dice.choice(('CSQ', 'CEREG?', 'CGATT?', 'CPSMS=1,,,"%08d","7"' % dice.randrange(1 << 26)))),
                      ('tx', '\r\n+CESQ: %d,99,255,255,%d,%d\r\n\r\nOK\r\n' % (dice.randrange(64), dice.randrange(35), dice.randrange(98))),
                      ('urc', '+CEREG: %d,"%04X","%08X",7' % (dice.randrange(6), dice.randrange(65536), dice.randrange(1 << 28))),
                      ('note', 'state %d' % dice.randrange(1000)))[i % 4]
        records.append(json.dumps({'t': t, 'w': w, 'p': 'm0' if i % 11 else 'm0.uart2', 'k': kind, 'd': data}))
    return records


class PageCase(browser.BrowserCase):
    def page(self, records, *options, title='a title', name='page.html'):
        self.write('trace.jsonl', trace(title, records))
        done = self.call('report', 'convert', 'trace.jsonl', '--to', 'html', '-o', name, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.path(name)

    def rows(self):
        return self.browser.eval("[...document.querySelectorAll('.row .text')].map(row => row.textContent)")

    def shown(self):
        return self.browser.eval("document.querySelector('.count').textContent")

    def lanes(self):
        return self.browser.eval("document.querySelector('canvas').getAttribute('aria-label')")

    def search(self, text):
        self.browser.eval("{ const box = document.querySelector('.toolbar input[type=search]'); box.value = %s; "
                          "box.dispatchEvent(new Event('input')); }" % json.dumps(text))


class OneScenario(PageCase):
    def test_events_can_be_filtered_searched_and_walked_through(self):
        self.browser.open(self.page(upgrade(cut_at=37)))
        everything = int(self.shown().split()[0])
        self.search('httpstart no such text')
        self.assertEqual(self.shown(), '0 of %d' % everything)
        self.search('"DOWNLOADING"')
        self.assertEqual(self.shown(), '37 of %d' % everything)
        self.browser.key('Escape')
        self.assertEqual(self.shown(), '%d events' % everything)
        self.browser.eval("document.querySelector('.filter input[data-sign=\"!\"]').click()")
        self.assertFalse(any('DOWNLOADING' in row for row in self.rows()))
        self.browser.eval("document.querySelector('.filter input[data-sign=\"!\"]').click()")
        self.browser.key('n')
        self.assertIn('power_cut', self.text('.row.selected'))
        self.browser.key('j')
        self.assertIn('power: off', self.text('.row.selected'))
        self.browser.key('k')
        self.assertIn('power_cut', self.text('.row.selected'))

    def test_a_span_filters_all(self):
        self.browser.open(self.page(upgrade(cut_at=50)))
        everything = int(self.shown().split()[0])
        box = self.browser.eval("(r => ({x: r.x, y: r.y, w: r.width, h: r.height}))"
                                "(document.querySelector('canvas').getBoundingClientRect())")
        self.browser.drag(box['x'] + 140, box['x'] + 300, box['y'] + 30)
        self.assertRegex(self.text('#span-text'), r'^span \+')
        self.assertLess(int(self.shown().split()[0]), everything)
        self.keep_screenshot('span')
        self.browser.eval("document.querySelector('#tab-Host').click()")
        self.assertNotIn('no module', self.text('#pane'))
        self.browser.key('Escape')
        self.assertIn('no module', self.text('#pane'))
        self.assertEqual(int(self.shown().split()[0]), everything)

    def test_panes(self):
        self.browser.open(self.page(upgrade(cut_at=37)))
        for pane, words in (('Host', 'no module'), ('HTTP', '200, 65536 bytes'), ('Faults', 'fired 1 of 1'),
                            ('State', 'downloading'), ('Summary', 'Hayeswire')):
            self.browser.eval("document.querySelector('#tab-%s').click()" % pane)
            self.assertIn(words, self.text('#pane'), pane)
        self.search('AT+QFOTADL')
        self.browser.eval("document.querySelector('.row').click()")
        self.assertIn('41 54 2b 51 46 4f 54 41 44 4c', self.text('#pane .hex'))
        self.browser.dark(True)
        self.keep_screenshot('event-dark')

    def test_a_curve_is_what_was_recorded_or_else_what_is_said_of_progress(self):
        urcs = [record(i * 1000000, 'm0', 'urc', '^FOTASTATE: %d' % state) for i, state in enumerate((12, 30, 31, 30, 40, 50), 1)]
        self.browser.open(self.page(urcs))
        self.assertNotIn('progress', self.lanes())
        self.browser.open(self.page(upgrade(cut_at=37)))
        self.assertIn('m0 progress', self.lanes())
        self.browser.open(self.page(urcs + [record(i * 2000000, 'm0', 'progress', 'download %d/4096' % (i * 1024)) for i in range(4, 5)] +
                                    [record(9000000 + i, 'm0', 'progress', 'install %d/8' % i) for i in range(1, 4)]))
        self.assertIn('m0 progress', self.lanes())
        self.browser.press('G')
        self.browser.eval("document.querySelector('#tab-State').click()")
        self.browser.eval("document.querySelector('.filter input[data-sign=parsed]').click()")
        self.browser.press('G')
        self.assertIn('m0install37 % (3 of 8)', self.text('#pane'))
        self.assertIn('m0download100 % (4,096 of 4,096)', self.text('#pane'))

    def test_link_to_a_moment(self):
        path = self.page(upgrade(cut_at=37))
        self.browser.open(path, '#t=2.2')
        self.assertIn('AT+QFOTADL', self.text('.row.selected'))
        self.browser.key('n')
        self.assertRegex(self.browser.eval('location.hash'), r'^#t=4\.25002$')

    def test_comparison_marks_the_first_difference(self):
        self.write('good.jsonl', trace('good', upgrade()))
        self.browser.open(self.page(upgrade(cut_at=37), '--compare', 'good.jsonl'))
        self.browser.key('d')
        self.assertEqual(self.text('#tab-Compare'), 'Compare')
        self.assertIn('DOWNLOADING",38%', self.text('.compare tr.first'))
        self.assertIn('RDY', self.text('.row.selected'))
        self.keep_screenshot('compare')

    def test_hostile_bytes_are_harmless(self):
        records = [record(i * 1000, NASTY if i % 7 == 6 else 'm0', kind, NASTY) for i, kind in enumerate(
            ('rx', 'tx', 'urc', 'cmd', 'unhandled', 'note', 'state', 'power', 'fault', 'http', 'host', 'stdout', 'stderr', 'cloud'))]
        path = self.page(records, title=NASTY)
        self.browser.open(path)
        self.browser.eval("document.querySelectorAll('.tabs button').forEach(tab => tab.click())")
        self.assertNotEqual(self.browser.eval('document.title'), 'broken')
        self.assertEqual(self.browser.eval("document.querySelectorAll('img').length"), 0)
        self.assertTrue(any('<script>document.title' in row for row in self.rows()))
        self.assertTrue(any('NUL' in row and 'SUB' in row and 'ESC' in row for row in self.rows()))
        with open(path, encoding='utf-8') as file:  # and all of it is valid UTF-8
            self.assertEqual(file.read().count('</script>'), 2)

    def test_nothing_is_asked_for_and_a_page_without_script_is_readable(self):
        path = self.page(upgrade(cut_at=37))
        with open(path, encoding='utf-8') as file:
            page = file.read()
        self.assertIn("default-src 'none'", page)
        self.assertIsNone(SVG_HREF.search(re.sub(r'<script.*?</script>', '', page, flags=re.S)))
        self.assertNotRegex(page, r'@import|url\(|fetch\(|XMLHttpRequest|importScripts|sourceMappingURL')
        self.browser.open(path)
        self.browser.script(False)
        try:
            self.browser.load(path)
            self.assertIn('power_cut', self.text('#plain'))
            self.assertFalse(self.browser.eval("document.getElementById('plain').hidden"))
        finally:
            self.browser.script(True)

    def test_sizes(self):
        path = self.page(upgrade(cut_at=37))
        with open(path, encoding='utf-8') as file:
            page = file.read()
        code = sum(len(part.encode()) for part in re.findall(r'<style>.*?</style>|<script>.*?</script>', page, re.S))
        self.assertLessEqual(code, CODE_MAX)
        self.assertLess(os.path.getsize(path), PAGE_MAX)

    def test_many_events(self):
        path = self.page(busy_records())
        self.assertLess(os.path.getsize(path), LARGE_MAX)
        took = self.browser.open(path)
        print('%d events: %d bytes, shown after %.2f s' % (EVENTS, os.path.getsize(path), took), file=sys.stderr)
        self.assertLess(took, OPEN_MAX_S)
        self.assertEqual(self.shown(), '100,000 events')
        self.browser.key('G')
        self.assertLess(len(self.rows()), 200)
        self.search('+CESQ: 7,')
        self.assertRegex(self.shown(), r'^\d+ of 100,000')


def case(number, point, outcome, message=None):
    words = {0: 'pass', 1: 'FAIL', 5: 'skip'}
    fault = '%s#%d=power_cut' % (point, number)
    return json.dumps({
        'k': 'case', 'c': number, 'v': 1, 'file': 'a.lua', 'line': 3, 'title': 'it upgrades', 'seed': 1, 'folder': None,
        'slug': '%05d-x' % number, 'again': 'hayeswire replay hw1x', 'token': None, 'faults': [fault], 'outcome': outcome,
        'result': words[outcome], 'wall_us': 5000, 'modem_us': 9000000, 'at_file': 'a.lua', 'at_line': 3, 'message': message,
        'rows': [], 'notes': []})


class RealRuns(PageCase):
    """The pages of a run that passes, one that fails and a sweep, as a person makes them."""
    SCENARIO = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'scenarios', 'bc26', 'power-cut-while-updating.lua')
    HOST = ('--', 'bc26-updater', '{tty}', '{url}')
    PAGE = 'pages/power-cut-while-updating.html'

    def pages(self, status, *host):
        done = self.call('run', self.SCENARIO, '--reporter', 'pretty,html=pages', *self.HOST, *host)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertLess(os.path.getsize(self.path(self.PAGE)), PAGE_MAX)
        return done.stdout

    def test_a_run_that_passes(self):
        self.pages(0)
        self.browser.open(self.path(self.PAGE))
        self.assertIn('passed', self.text('.badge'))
        self.assertIn('scenario("BC26 finishes', self.text('.source .waiting'))
        lanes = self.lanes()
        for words in ('bc26 power off, booting, on, ', 'bc26 fota ', 'downloading', 'bc26 progress', 'bc26 AT traffic', 'bc26 http', 'faults bc26.fota.update@37%'):
            self.assertIn(words, lanes)
        self.browser.press('G')
        self.browser.press('4')
        for words in ('download', '100 % (65,536 of 65,536)', 'install', '1 of 1'):
            self.assertIn(words, self.text('#pane'))
        self.keep_screenshot('passed')

    def test_a_failing_run_by_keyboard_alone(self):
        said = self.pages(1, '--bug', 'stops-at-banner')
        difference = re.search(r'first difference   (\S+) bc26 (.*?)   \(there: (.*)\)', said)
        browser_ = self.browser
        browser_.open(self.path('pages/index.html'))
        browser_.tab_to("it.href && it.href.endsWith('.html')")
        browser_.press('Enter')
        browser_.wait("document.querySelector('.transcript') !== null")
        browser_.wait_ready()
        self.assertIn('exit status 0 was expected', self.text('.verdict'))
        self.assertIn('host:expect_exit(0', self.pane('2', '.source .waiting'))
        browser_.press('n')
        self.assertIn('bc26.fota.update@37%=power_cut', self.text('.row.selected'))
        browser_.press('d')
        self.assertIn(difference.group(2), self.text('.row.selected'))
        for words in difference.groups():
            self.assertIn(words, self.text('.compare tr.first'))
        self.assertEqual(self.text('.compare tr.first td'), '≠')
        self.keep_screenshot('failed')
        self.check_span()
        self.check_search_and_copy(re.search('again +(.*)', said).group(1))

    def pane(self, key, selector):
        self.browser.press(key)
        return self.text(selector)

    def check_span(self):
        """From the fault to the first difference, and nothing else."""
        everything = self.shown()
        self.browser.press(']')
        self.browser.press('N')
        self.browser.press('[')
        self.assertRegex(self.text('#span-text'), r'^span \+00:53\.300 to \+00:56\.600')
        self.assertTrue(all('37%' not in row or 'power_cut' in row for row in self.rows()))
        self.browser.press('z')
        self.browser.press('Escape')
        self.browser.press('Z')
        self.assertEqual(self.shown(), everything)

    def check_search_and_copy(self, again):
        self.browser.press('c')
        self.browser.wait("document.getElementById('copy-again').textContent.includes('copied')")
        self.browser.press('/')
        self.browser.press('v', commands=['paste'])
        self.assertEqual(self.browser.eval("document.querySelector('.toolbar input[type=search]').value"), again)
        self.browser.press('Escape')
        self.browser.press('/')
        self.browser.type('"updating", 99%')
        self.assertEqual([row for row in self.rows()], ['+QIND: "FOTA","UPDATING", 99%, 1, 1'])
        self.browser.press('Escape')
        self.browser.tab_to("it.getAttribute('role') === 'tab'")
        self.browser.press('ArrowRight')
        self.assertIn('aria-selected="true"', self.browser.eval('document.activeElement.outerHTML'))
        self.browser.press('?')
        self.assertTrue(self.browser.eval("document.querySelector('dialog').open"))
        self.browser.press('Escape')
        self.assertFalse(self.browser.eval("document.querySelector('dialog').open"))

    def test_a_sweep_leads_to_the_page_of_a_cause(self):
        done = self.call('sweep', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'scenarios', 'sweep.lua'), '-k', '^BC26 upgrades$',
                         '--points', 'power,bc26.fota', '--reporter', 'pretty,html=pages,jsonl=all.jsonl.gz', *self.HOST, '--bug', 'never-retries')
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.browser.open(self.path('pages/index.html'))
        self.assertRegex(done.stdout, r': %s trials' % self.text('.figure b'))
        self.browser.tab_to("it.matches('.cause summary')")
        self.browser.tab_to("it.textContent === 'Open the page of the first'")
        self.browser.press('Enter')
        self.browser.wait("document.querySelector('.transcript') !== null")
        self.browser.wait_ready()
        self.assertIn('first difference', self.text('#pane'))
        self.browser.press('d')
        difference = self.text('.compare tr.first')
        for source in ('all.jsonl.gz', 'out/latest'):
            self.check_converted(source, difference)

    def check_converted(self, source, difference):
        """What came later from elsewhere has the pages of the causes too, and their comparison."""
        done = self.call('report', 'convert', source, '--to', 'html', '-o', 'again')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(self.path('again'))), sorted(os.listdir(self.path('pages'))))
        self.browser.open(self.path('again/index.html'))
        page = self.browser.eval("document.querySelector('a.open-page').getAttribute('href')")
        self.browser.open(self.path('again/' + page))
        self.browser.wait_ready()
        self.browser.press('d')
        self.assertEqual(self.text('.compare tr.first'), difference)

    def test_the_same_results_make_the_same_page(self):
        self.pages(1, '--bug', 'stops-at-banner')
        pages = []
        for name in ('a.html', 'b.html'):
            done = self.call('report', 'convert', 'out/latest/power-cut-while-updating/trace.jsonl', '--to', 'html', '-o', name)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(self.path(name), 'rb') as file:
                pages.append(file.read())
        self.assertEqual(pages[0], pages[1])
        self.browser.size(420, 900)
        self.addCleanup(self.browser.size, 1440, 900)
        self.browser.open(self.path('a.html'))
        self.assertLessEqual(self.browser.eval('document.documentElement.scrollWidth'), 420)
        self.keep_screenshot('narrow')


class Sweep(PageCase):
    def sweep(self, trials):
        lines = [json.dumps({'v': 1, 'k': 'run', 'version': '0', 'cases': trials, 'plan': '0', 'shard': 1, 'shards': 1})]
        for i in range(1, trials + 1):
            outcome = 1 if i % 50 == 0 else 5 if i % 333 == 0 else 0
            message = 'safe: the firmware is ""' if i % 100 == 0 else 'live: "A06" not running after %d s' % (i % 9)
            lines.append(case(i, ('flash.program', 'nv.commit', 'at.cfun', 'bc26.fota.update')[i % 4], outcome,
                              message if outcome == 1 else None))
        lines.append(json.dumps({'k': 'end', 'passed': 0, 'failed': 0, 'wall_us': 60000000}))
        self.write('sweep.jsonl', '\n'.join(lines) + '\n')
        done = self.call('report', 'convert', 'sweep.jsonl', '--to', 'html', '-o', 'pages')
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.path('pages/index.html')

    def test_map_causes_and_table(self):
        self.browser.open(self.sweep(2000))
        self.assertEqual(self.browser.eval("document.querySelectorAll('.map-row').length"), 4)
        self.assertEqual(self.browser.eval("document.querySelectorAll('.cause').length"), 2)
        self.assertIn('2,000', self.text('.figures'))
        self.assertIn('not reached', self.text('.figures'))
        self.browser.eval("document.querySelector('[data-point=\"nv.commit\"]').click()")
        self.assertTrue(self.text('.card output').startswith('500 of 2,000'))
        self.browser.eval("document.querySelector('[data-outcome=FAIL]').click()")
        self.assertRegex(self.text('.card output'), r'^\d+ of 2,000')
        self.browser.key('Escape')
        self.assertTrue(self.text('.card output').startswith('2,000 of 2,000'))
        self.keep_screenshot('sweep')

    def test_hostile_texts_are_harmless(self):
        nasty = NASTY.replace('\x00', '')
        bad = json.loads(case(1, 'at.cfun', 1, nasty))
        lines = [{'v': 1, 'k': 'run', 'version': '0', 'cases': 1, 'plan': '0', 'shard': 1, 'shards': 1},
                 {**bad, 'title': nasty, 'file': nasty, 'faults': [nasty + '=power_cut'], 'again': nasty, 'slug': 'x', 'rows': [[nasty, nasty]]},
                 {'k': 'end', 'wall_us': 1}]
        self.write('bad.jsonl', ''.join(json.dumps(line) + '\n' for line in lines))
        done = self.call('report', 'convert', 'bad.jsonl', '--to', 'html', '-o', 'pages')
        self.assertEqual(done.returncode, 0, done.stderr)
        path = self.path('pages/index.html')
        with open(path, encoding='utf-8') as file:
            self.assertEqual(file.read().count('</script>'), 2)
        self.browser.open(path)
        self.assertEqual(self.browser.eval('document.title'), 'Hayeswire')
        self.assertEqual(self.browser.eval("document.querySelectorAll('img').length"), 0)
        self.assertIn('<script>document.title', self.text('.cause'))
        self.browser.script(False)
        try:
            self.browser.load(path)
            self.assertIn('<script>document.title', self.text('#plain'))
        finally:
            self.browser.script(True)

    def test_a_hundred_thousand_trials_stay_small(self):
        path = self.sweep(EVENTS)
        self.assertLess(os.path.getsize(path), 2_000_000)
        took = self.browser.open(path)
        print('%d trials: %d bytes, shown after %.2f s' % (EVENTS, os.path.getsize(path), took), file=sys.stderr)


if __name__ == '__main__':
    if not browser.find():
        print('1..0 # SKIP no Chromium')
        sys.exit(77)
    unittest.main()
