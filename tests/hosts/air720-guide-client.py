#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""air720-guide-client.py TTY UART2 WAY NEW-VERSION: type the examples of the Air720's guide by hand.

It knows the guide, pyserial and nothing else: WAY is a URL for 3.4 (the user's own server), "service" for 3.3 (the
vendor's), or "auto" for 2.3 (nobody types anything); then what the module says meanwhile in 2.3, and the new version.
Exit status: 0, or 1 with the line that is missing.
"""
import sys

from serial_client import Client, Missing, run

DAY_S = 24 * 3600  # 2.3: once a day


def tens(word, first):
    return ['%s: %d' % (word, percent) for percent in range(first, 101, 10)]


def upgrade(client, uart2, way, version):
    if way not in ('service', 'auto'):
        client.say('AT+UPGRADE="URL","%s"' % way, ['OK'])
    if way != 'auto':
        client.say('AT+UPGRADE', ['OK'])
    client.expect(tens('+UPGRADEIND', 0), DAY_S)
    uart2.expect(tens('+UPGRADEDL', 10))
    client.expect(['RDY', '+CPIN: READY', 'SMS READY'])
    client.expect(['+UPGRADEVER: "%s_NAND"' % version, '+UPGRADEVER: 1'])


def type_by_hand():
    tty, tty2, way, version = sys.argv[1:]
    client, uart2 = Client(tty), Client(tty2)
    client.synchronise()
    client.ask('AT+IPR=115200;&W')
    client.say('AT+UPGRADE="AUTO",%d' % (way == 'auto'), ['OK'])
    client.wait_for('AT+CGATT?', '+CGATT: 1')
    client.drain()
    if '+UPGRADE: 0' not in client.ask('AT+UPGRADE?'):
        raise Missing('+UPGRADE: 0 before the first upgrade')
    upgrade(client, uart2, way, version)
    if version not in client.ask('ATI'):
        raise Missing('ATI does not name ' + version)
    print('upgraded to', version)


if __name__ == '__main__':
    sys.exit(run('air720-guide-client', type_by_hand))
