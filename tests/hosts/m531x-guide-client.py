#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""m531x-guide-client.py TTY IMAGE: type the MCU's side of the M531x's SOTA guide by hand, steps 8 to 16.

It knows the guide, pyserial and nothing else: the numbers of the messages are the guide's too, and so is the answer of
step 13 that names another message than the one it answers. Of the blocks the guide shows the first two bytes and the
last one; it leaves out those from 27498 to 27507. What is received is written to the file IMAGE. Exit status: 0, or 1
with the line that is missing.
"""
import sys

from serial_client import Client, Missing, run

BLOCK = 1024
FIRST_BLOCK = 27496
LAST_BLOCK = 27509
LAST_SIZE = 346
SHOWN = {27496: ('C7AC', 'F8'), 27497: ('D3A6', 'EB'), 27508: ('AEC9', 'C9'), 27509: ('CFA3', '0A')}


def execute(client, mid, resource, answer):
    client.expect(['+MIPLEXECUTE:0,%d,5,0,%d,0,""' % (mid, resource)])
    client.say(answer, ['OK'])


def read(client, mid, path, *values):
    """The platform asks for a value; answer it, an instance in several lines."""
    client.expect(['+MIPLREAD:0,%d,%s' % (mid, path)])
    for value in values:
        client.say('AT+MIPLREADRSP=0,%d,1,%s' % (mid, value), ['OK'])


def block(client, mid, size, flag):
    client.expect(['+MIPLWRITE:0,%d,5,0,0,2,%d,' % (mid, size)])
    line = client.line(20) or ''
    text, comma, end = line.partition(',')
    first, last = SHOWN.get(mid, ('', ''))
    if len(text) != 2 * size or comma + end != ',%d' % flag or not text.startswith(first) or not text.endswith(last):
        raise Missing('wanted %s***%s,%d in the block %d, got %r' % (first, last, flag, mid, line))
    client.say('AT+MIPLSOTA=1', ['OK'])
    return bytes.fromhex(text)


def download(client):
    """Step 12: each block is written into flash before it is acknowledged."""
    execute(client, 27495, 26501, 'AT+MIPLSOTA=3')
    image = block(client, FIRST_BLOCK, BLOCK, 1)
    for mid in range(FIRST_BLOCK + 1, LAST_BLOCK):
        image += block(client, mid, BLOCK, 2)
    return image + block(client, LAST_BLOCK, LAST_SIZE, 0)


def upgrade(client, image):
    client.say('AT+MIPLCREATE', ['OK'])  # step 8
    client.say('AT+MIPLSOTAVER="test0"', ['OK'])
    client.say('AT+MIPLOPEN=0,600,60', ['OK', '+MIPLEVENT:0,6'])  # step 9
    execute(client, 54077, 26550, 'AT+MIPLEXECUTERSP=0,54077,2')  # step 10
    read(client, 54078, '3,0,26261', '3,0,26261,3,3,"256",0,0')  # step 11
    read(client, 54079, '3,0,19', '3,0,19,1,7,"test0",0,0')
    read(client, 54080, '5,0,-1', '5,0,3,3,1,"0",2,1', '5,0,5,3,1,"0",1,2', '5,0,26500,3,1,"0",0,0')
    read(client, 54081, '3,0,9', '3,0,9,3,3,"100",0,0')
    with open(image, 'wb') as file:
        file.write(download(client))
    read(client, 27510, '3,0,9', '3,0,9,3,3,"100",0,0')  # step 13
    execute(client, 27511, 2, 'AT+MIPLEXECUTERSP=0,27495,2')
    client.say('AT+MIPLUPDATE=0,0,0', ['OK', '+MIPLEVENT:0,11'])  # step 14, when the new software runs
    execute(client, 54077, 26550, 'AT+MIPLEXECUTERSP=0,54077,2')  # step 15
    read(client, 17502, '3,0,26261', '3,0,26261,3,3,"128",0,0')
    read(client, 17503, '3,0,19', '3,0,19,1,7,"test000",0,0')
    client.expect(['+MIPLWRITE:0,17507,5,0,0,2,0,,0'])  # step 16
    client.say('AT+MIPLWRITERSP=0,17507,2', ['OK'])


def type_by_hand():
    tty, image = sys.argv[1:]
    client = Client(tty)
    client.synchronise()
    client.ask('ATE0')
    client.wait_for('AT+CGATT?', '+CGATT: 1')
    client.drain()
    upgrade(client, image)
    print('upgraded')


if __name__ == '__main__':
    sys.exit(run('m531x-guide-client', type_by_hand))
