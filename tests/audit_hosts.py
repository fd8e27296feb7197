# SPDX-License-Identifier: MIT
"""The example hosts, and what is wrong with each of their bugs: the rule that has to catch it."""
import os
import shutil

from outside import python_with_serial

HOSTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'hosts')


class Host:
    """A dialect's example host: its command for an audit, its adapter, its bugs."""

    def __init__(self, dialect, command, bugs, adapter=True):
        self.dialect = dialect
        self.command = command
        self.bugs = bugs
        self.adapter = os.path.join(HOSTS, dialect + '.lua') if adapter else None

    def arguments(self, *options, bug=None, adapter=True):
        """The words of an audit, behind the program's name."""
        words = ['audit', self.dialect, *options]
        if self.adapter and adapter:
            words += ['--adapter', self.adapter]
        return words + ['--', *self.command, *(['--bug', bug] if bug else [])]


ALL = [
    Host('bc26', ['bc26-updater', '{tty}', '{url}'], {
        'success-at-httpend': 'bc.end-is-the-result',
        'believes-end': 'bc.end-is-the-result',
        'stops-at-banner': 'bc.survives-banner',
        'chatty': 'bc.quiet-while-busy',
        'never-retries': 'bc.asks-again',
        'no-version': 'bc.version-first',
        'no-network': 'bc.network-first',
        'no-attach': 'bc.network-first',
        'retry-storm': 'bc.http-error',
        'ignores-httpend': 'bc.http-error',
        'ignores-end-254': 'bc.bad-package',
        'breaks-in': 'bc.forced-upgrade',
        'long-url': 'bc.url-form',
        'keeps-baud': 'bc.fixed-baud',
        'assumes': 'bc.autobaud-verify',
        'drops-urcs': 'bc.urc-in-reply',
        'takes-pieces': 'bc.split-lines',
        'takes-echo': 'bc.echo',
        'two-digits': 'bc.spelling',
        'one-spelling': 'bc.spelling',
        'never-reopens': 'bc.port-loss',
    }),
    Host('air720', ['air720-updater', '{tty}', '{tty:air720.uart2}', '{url}'], {
        'reboot-is-crash': 'air.reboot-is-part',
        'one-spelling': 'air.reboot-is-part',
        'leaves-auto': 'air.auto-off',
        'no-result': 'air.reads-result',
        'loses-cause': 'air.reads-result',
        'retries-27': 'air.27-is-up-to-date',
        'fails-27': 'air.27-is-up-to-date',
        'any-url': 'air.get-only-url',
        'success-at-100': 'air.version-report',
        'believes-rdy': 'air.version-report',
        'untold-fails': 'air.version-report',
        'not-asked': 'air.unsolicited-upgrade',
        'retry-storm': 'air.back-off',
        'same-package': 'air.invalid-firmware',
        'never-retries': 'air.asks-again',
        'takes-pieces': 'air.split-lines',
        'takes-echo': 'air.echo',
    }),
    Host('mt5700', ['mt5700-updater', '{tty}', '{url}', '--report', '{report}'], {
        'early-query': 'mt.idle-before-download',
        'ignores-40': 'mt.clears-stale-state',
        'early-fwup': 'mt.done-before-upgrade',
        'acts-twice': 'mt.done-before-upgrade',
        'ssl-once': 'mt.ssl-after-power-loss',
        'no-network': 'mt.network-first',
        'no-resume': 'mt.resume-enabled',
        'never-resumes': 'mt.resumes-suspended',
        'resumes-blindly': 'mt.version-before-resume',
        'stuck-in-14': 'mt.follows-state',
        'query-once': 'mt.retries-query',
        'hammers': 'mt.retries-query',
        'keeps-sessions': 'mt.stops-services',
        'keeps-call': 'mt.stops-services',
        'no-retrigger': 'mt.retriggers-upgrade',
        'no-reopen': 'mt.survives-port-loss',
        'success-at-50': 'mt.verifies-version',
        'believes-restart': 'mt.verifies-version',
        'upgrades-once': 'mt.retries-upgrade',
        'tells-no-failure': 'mt.reports-events',
        'ignores-user': 'mt.asks-the-user',
        'takes-pieces': 'mt.split-lines',
        'takes-echo': 'mt.echo',
    }),
    Host('m531x', ['m531x-mcu', '{tty}', '--until', 'test000'], {
        'no-version': 'm5.version-before-open',
        'hasty': 'm5.registered-first',
        'wrong-mid': 'm5.answers-with-mid',
        'counts-mids': 'm5.answers-with-mid',
        'dawdles': 'm5.answers-with-mid',
        'takes-twice': 'm5.block-order',
        'drops-urcs': 'm5.answers-with-mid',
        'flags': 'm5.multi-read',
        'no-erase': 'm5.erase-before-write',
        'acks-damaged': 'm5.block-order',
        'ack-first': 'm5.write-then-ack',
        'full-battery': 'm5.battery',
        'wrong-saved': 'm5.resume',
        'no-update': 'm5.update-after-upgrade',
        'tells-success': 'm5.reports-failure',
        'lies': 'm5.reports-failure',
        'takes-pieces': 'm5.split-lines',
    }),
]

PYTHON = python_with_serial()
BASH = shutil.which('bash')

# Hosts in other languages, where there is what they need.
OTHERS = []
if PYTHON:
    OTHERS.append(Host('bc26', [PYTHON, os.path.join(HOSTS, 'bc26_updater.py'), '{tty}', '{url}'], {}, adapter=False))
if BASH:
    OTHERS.append(Host('air720', [BASH, os.path.join(HOSTS, 'air720-updater.sh'), '{tty}', '{url}'], {}))
