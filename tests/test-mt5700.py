# SPDX-License-Identifier: MIT
"""The MT5700M from outside: the host finds it by --tty-link, and hosts that are wrong are noticed."""
import os
import unittest

import outside

HOST = os.path.join(os.environ['HOSTS'], 'mt5700-updater')
SCENARIOS = os.path.join(os.environ['SCENARIOS'], 'mt5700')


class Hosts(outside.Case):
    def play(self, status, scenario, *host):
        """Run a scenario with a host of the command line; the tty is given as a link."""
        link = self.path('modem')
        words = [HOST, link, *host]
        return self.run_(status, os.path.join(SCENARIOS, scenario + '.lua'), '--time', 'auto', '--tty-link', link,
                         '--out', self.path('out'), '--', *words)

    def test_a_tty_that_comes_back_under_another_number_is_found_by_the_link(self):
        self.play(0, 'upgrade', '{url}', '--target', '1.3.0.0(SP1C02)')
        self.assertFalse(os.path.lexists(self.path('modem')), 'the link is removed in the end')

    def test_a_host_that_gives_up_with_its_tty_is_noticed(self):
        self.assertIn('exited with 7', self.play(1, 'upgrade', '{url}', '--bug', 'no-reopen'))

    def test_a_host_that_calls_50_a_success_is_noticed(self):
        self.play(1, 'flash-fails-once', '{url}', '--bug', 'success-at-50')

    def test_a_host_that_never_resumes_is_noticed(self):
        self.play(1, 'link-lost', '{url}', '--bug', 'never-resumes', '--timeout-s', '8')

    def test_a_host_that_does_not_trigger_the_upgrade_again_is_noticed(self):
        self.play(1, 'data-traffic', '{url}', '--bug', 'no-retrigger')

    def test_a_host_that_keeps_its_sessions_is_noticed(self):
        self.play(1, 'services-stopped', '{url}', '--bug', 'keeps-sessions', '--timeout-s', '8')


if __name__ == '__main__':
    unittest.main()
