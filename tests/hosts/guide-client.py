#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""guide-client.py TTY URL NEW-VERSION [PERCENT]: type the upgrade example of the BC26's guide (4.1) by hand.

With PERCENT the power goes there, and comes again: the forced upgrade of the note in 3.1.

It knows the guide, pyserial and nothing else. Each line of the example has to come, in its order;
lines in between that the guide does not show (the network's address, for instance) are let pass only
where the example is not in the middle of a block. Exit status: 0, or 1 with the line that is missing.
"""
import sys

from serial_client import Client, Missing, run

QUERY = 'AT+CESQ;+CEREG?;+CGATT;+CPIN?;+COPS?'
ANSWERS = ['+CESQ: 47,6,255,255,0,54', '+CEREG: 0,1', '+CGATT: 1', '+CPIN: READY', '+COPS: 0,2,"46011",9', 'OK']
BOOT_ROM = ['F1: 0000 0000', 'V0: 0000 0000 [0001]', '00: 0006 000C', '01: 0000 0000', 'U0: 0000 0001 [0000]',
            'T0: 0000 00B4', 'Leaving the BROM']


def percentages(word, tail):
    return ['+QIND: "FOTA","%s",%d%%%s' % (word, percent, tail) for percent in range(1, 101)]


def upgrade(client, url, percent):
    client.say(QUERY, ANSWERS)
    client.say('AT+QFOTADL="%s"' % url, ['OK', '+QIND: "FOTA","HTTPTART"'] + percentages('DOWNLOADING', ''))
    client.expect(['+QIND: "FOTA","HTTPEND",0', '+QIND: "FOTA","START"'] + BOOT_ROM)
    updating = percentages('UPDATING', ',1,1')
    if percent:  # what was reached is not said any more
        client.expect(updating[:percent - 1] + BOOT_ROM + ['+QIND: "FOTA","START"'])
        updating = ['+QIND: "FOTA","UPDATING", %d%%, 1, 1' % n for n in range(1, 101)]
    client.expect(updating + BOOT_ROM + ['RDY', '+CFUN: 1', '+QIND: "FOTA","END",0'])


def type_by_hand():
    tty, url, version, *percent = sys.argv[1:]
    client = Client(tty)
    client.synchronise()
    # The note in 3.1 of the guide: fix the rate, or the result will not be told.
    for command in ('AT+IPR=115200', 'AT&W'):
        client.ask(command)
    client.wait_for('AT+CGATT?', '+CGATT: 1')
    client.drain()
    upgrade(client, url, int(percent[0]) if percent else None)
    if 'Revision: ' + version not in client.ask('ATI'):
        raise Missing('ATI does not name ' + version)
    print('upgraded to', version)


if __name__ == '__main__':
    sys.exit(run('guide-client', type_by_hand))
