#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pages of an audit in a headless Chromium without network: the table of the rules can be filtered, searched and
walked through by keyboard, a finding leads to its evidence, and nothing that a host sent does harm. Skipped (77) where
there is no Chromium.

Usage: test-audit-page.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import json
import os
import re
import sys
import unittest

import audit_hosts
import browser
from outside import HAYESWIRE, Case

CODE_MAX, PAGE_MAX = 120_000, 300_000
BUG = 'believes-end'
RULE = 'bc.end-is-the-result'
KEY_CODES = {'Enter': 13, 'Escape': 27, 'ArrowDown': 40, '/': 191, '?': 191}
HOSTILE = r'''#!/usr/bin/env python3
import os
os.write(1, b'all is well </script><img src=x onerror=alert(1)> \x00\x1a\x1b\xff\xfe <!-- ]]>\n')
'''


class AuditPage(Case):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def setUp(self):
        super().setUp()
        self.browser.offences.clear()
        self.browser.dark(False)

    def tearDown(self):
        self.assertEqual(self.browser.offences, [])

    def audit(self, *words):
        """Return: the path of the table, and the result as JSON."""
        done = self.call('audit', *words[:1], '--reporter', 'html=pages,json', *words[1:])
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return self.path('pages/index.html'), json.loads(done.stdout)

    def bad_host(self):
        host = audit_hosts.ALL[0]
        return self.audit(*host.arguments(bug=BUG)[1:])

    def open(self):
        path, result = self.bad_host()
        self.browser.open(path)
        return result

    def eval(self, expression):
        return self.browser.eval(expression)

    def rules(self):
        """The names of the rules that the table shows, in order."""
        return self.eval("[...document.querySelectorAll('[data-rule]')].map(button => button.dataset.rule)")

    def text(self, selector):
        return self.eval('document.querySelector(%s).textContent' % json.dumps(selector))

    def focused(self):
        return self.eval("document.activeElement.dataset.rule || ''")

    def press(self, key):
        """A real key, as a person presses it."""
        code = KEY_CODES.get(key, ord(key[0].upper()))
        text = {'text': '\r'} if key == 'Enter' else {'text': key} if len(key) == 1 else {}
        for kind in ('keyDown', 'keyUp'):
            self.browser.call('Input.dispatchKeyEvent', type=kind, key=key, windowsVirtualKeyCode=code,
                              **(text if kind == 'keyDown' else {}))

    def keep_screenshot(self, name):
        """Something is drawn; with HAYESWIRE_SCREENSHOTS=DIR people can look at it."""
        png = self.browser.screenshot()
        self.assertGreater(len(png), 20000)
        if os.environ.get('HAYESWIRE_SCREENSHOTS'):
            with open(os.path.join(os.environ['HAYESWIRE_SCREENSHOTS'], name + '.png'), 'wb') as file:
                file.write(png)


class Table(AuditPage):
    def test_has_a_row_a_rule_the_broken_ones_first_and_open(self):
        result = self.open()
        self.assertEqual(sorted(self.rules()), sorted(rule['id'] for rule in result['rules']))
        self.assertEqual(self.rules()[0], RULE)
        found = self.text('[id="found-%s"]' % RULE)
        rule = next(rule for rule in result['rules'] if rule['id'] == RULE)
        for words in (rule['source'], rule['did'], rule['expected'], rule['line'], rule['again'], 'lying-end'):
            self.assertIn(words, found)
        self.assertIn('%d✓ kept' % result['kept'], self.text('.figures'))
        self.assertIn('1✗ broken', self.text('.figures'))
        self.assertEqual(self.text('header .badge'), '✗ failed')
        self.keep_screenshot('audit-light')

    def test_is_filtered_by_verdict_and_level_and_searched(self):
        result = self.open()
        every = len(result['rules'])
        self.eval("document.querySelector('[data-filter=broken]').click()")
        self.assertEqual((self.rules(), self.text('.toolbar output')), ([RULE], '1 of %d' % every))
        self.eval("document.querySelector('[data-filter=broken]').click()")
        self.eval("document.querySelector('[data-filter=should]').click()")
        self.assertEqual(sorted(self.rules()), sorted(rule['id'] for rule in result['rules'] if rule['level'] == 'should'))
        self.eval("document.querySelector('[data-filter=kept]').click()")
        self.press('Escape')
        self.assertEqual(len(self.rules()), every)
        self.press('/')
        for letter in 'baud':
            self.press(letter)
        self.assertEqual(sorted(self.rules()), sorted(rule['id'] for rule in result['rules'] if 'baud' in json.dumps(rule)))
        for letter in 'xyz':
            self.press(letter)
        self.assertEqual(self.rules(), [])
        self.assertFalse(self.eval("document.querySelector('.empty').hidden"))
        self.press('Escape')
        self.assertEqual(len(self.rules()), every)

    def test_is_walked_through_by_keyboard(self):
        self.open()
        self.press('n')
        self.assertEqual(self.focused(), RULE)
        self.press('Enter')
        self.assertFalse(self.eval("!!document.querySelector('[id=\"found-%s\"]')" % RULE))
        self.assertEqual(self.focused(), RULE)
        self.press('Enter')
        self.assertTrue(self.eval("!!document.querySelector('[id=\"found-%s\"]')" % RULE))
        self.press('j')
        self.assertEqual(self.focused(), self.rules()[1])
        self.press('ArrowDown')
        self.assertEqual(self.focused(), self.rules()[2])
        self.press('k')
        self.press('N')
        self.assertEqual(self.focused(), RULE)
        self.press('c')
        self.browser.wait("document.querySelector('.copy').textContent === '✓ copied'")
        self.press('?')
        self.assertTrue(self.eval("document.querySelector('dialog').open"))
        self.press('Escape')
        self.assertFalse(self.eval("document.querySelector('dialog').open"))

    def test_a_link_leads_to_a_rule(self):
        path, _ = self.bad_host()
        self.browser.open(path, '#rule=bc.echo')
        self.assertEqual(self.focused(), 'bc.echo')
        self.assertIn('kept in', self.text('[id="found-bc.echo"]'))

    def test_is_dark_where_it_is_wanted(self):
        self.open()
        color = "getComputedStyle(document.body).backgroundColor"
        light = self.eval(color)
        self.browser.dark(True)
        self.assertNotEqual(self.eval(color), light)
        self.keep_screenshot('audit-dark')
        self.eval("document.querySelector('[title=\"light or dark\"]').click()")
        self.assertEqual(self.eval(color), light)

    def test_what_was_not_observed_says_why(self):
        host = next(host for host in audit_hosts.ALL if host.dialect == 'air720')
        path, _ = self.audit('air720', '--', *host.command)
        self.browser.open(path, '#rule=air.27-is-up-to-date')
        found = self.text('[id="found-air.27-is-up-to-date"]')
        self.assertIn('the host asks the service', found)
        self.assertIn('the adapter has no service_url', found)
        self.assertEqual(self.text('header .badge'), '✓ passed')


class Evidence(AuditPage):
    def follow(self, act):
        act()
        self.browser.wait("location.pathname.endsWith('/lying-end.html') && document.body && "
                          "document.body.dataset.ready === 'yes'")
        self.assertIn('exited with 0', self.text('.row.selected'))

    def test_is_opened_at_its_moment(self):
        self.open()
        self.follow(lambda: self.eval("document.querySelector('a.evidence').click()"))
        self.assertIn('replay hwa1', self.eval("document.querySelector('#copy-again').title"))

    def test_is_opened_by_key(self):
        self.open()
        self.press('n')
        self.follow(lambda: self.press('o'))

    def test_of_every_stimulus_is_there(self):
        result = self.open()
        links = self.eval("[...document.querySelectorAll('.stimuli a')].map(link => link.getAttribute('href'))")
        self.assertEqual(len(links), result['stimuli'])
        for link in links:
            self.assertTrue(os.path.exists(self.path('pages/' + link)), link)

    def test_of_an_older_audit_goes(self):
        self.bad_host()
        self.audit('bc26', '--stimulus', 'plain', '--trace', 'off', '--', *audit_hosts.ALL[0].command)
        self.assertFalse(os.path.exists(self.path('pages/plain.html')))
        self.browser.open(self.path('pages/index.html'))
        self.assertEqual(self.eval("document.querySelectorAll('.stimuli a').length"), 0)


class Safety(AuditPage):
    def test_hostile_bytes_are_harmless(self):
        self.write('host.py', HOSTILE, 0o755)
        self.write('host.lua', 'return { claims = "all is well" }\n')
        path, _ = self.audit('bc26', '--stimulus', 'plain', '--adapter', 'host.lua', '--', './host.py', '</script><b>', '{tty}')
        for page in (path, self.path('pages/plain.html')):
            self.browser.open(page)
            self.assertEqual(self.eval("document.querySelectorAll('img, b b').length"), 0)
            with open(page, encoding='utf-8') as file:
                self.assertEqual(file.read().count('</script>'), 2)
        self.browser.open(path)
        self.assertIn('all is well </script><img src=x', self.text('[id="found-%s"]' % RULE))
        self.assertIn("'</script><b>'", self.text('.host'))

    def test_nothing_is_asked_for_and_a_page_without_script_is_readable(self):
        path, _ = self.bad_host()
        with open(path, encoding='utf-8') as file:
            page = file.read()
        self.assertIn("default-src 'none'", page)
        self.assertNotRegex(page, r'@import|url\(|fetch\(|XMLHttpRequest|importScripts|sourceMappingURL')
        self.browser.script(False)
        try:
            self.browser.load(path)
            plain = self.text('#plain')
            self.assertIn('claimed success while the module ran', plain)
            self.assertIn('expected   success only after', plain)
            self.assertEqual(self.eval("document.querySelector('#plain a').getAttribute('href').split('#')[0]"), 'lying-end.html')
        finally:
            self.browser.script(True)

    def test_sizes(self):
        path, _ = self.bad_host()
        with open(path, encoding='utf-8') as file:
            page = file.read()
        code = sum(len(part.encode()) for part in re.findall(r'<style>.*?</style>|<script>.*?</script>', page, re.S))
        self.assertLessEqual(code, CODE_MAX)
        for name in os.listdir(self.path('pages')):
            self.assertLess(os.path.getsize(self.path('pages/' + name)), PAGE_MAX, name)

    def test_no_path_of_this_machine_is_in_it_but_that_of_the_program(self):
        path, _ = self.bad_host()
        self.browser.open(path)
        text = self.text('.app').replace(HAYESWIRE, '')
        self.assertNotIn(self.dir, text)


if __name__ == '__main__':
    if not browser.find():
        print('1..0 # SKIP no Chromium')
        sys.exit(77)
    unittest.main()
