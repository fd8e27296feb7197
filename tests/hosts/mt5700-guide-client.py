#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mt5700-guide-client.py TTY PART [FILE...]: type an example of the MT5700M's guide by hand.

It knows the guide, pyserial and nothing else. PART is one of PARTS below; https takes the files of its certificates
(CA, and for mutual authentication the client's certificate and key). TTY is a link: the module hangs on USB, and its
tty vanishes for the upgrade. Exit status: 0, or 1 with the line that is missing.
"""
import base64
import re
import sys

from serial_client import Client, Missing, run

ADDRESS = 'http://192.168.0.100:9080/mt5700/'
DEMO = 'http://192.168.57.231/fota/mt5700/'
OLD_TABLE, NEW_TABLE = 'V100R001C00B001', 'V100R001C00B002'
OLD, NEW = '1.2.5.0(SP1C02)', '1.3.0.0(SP1C02)'
FEATURES = '1.product_name="MT5700M-CN";2.update_mode="%d";3.source_version="' + NEW + '";en-us'
SLICE = 400  # characters of a certificate in a line


def states(*codes):
    return ['^FOTASTATE: %s' % code for code in codes]


def found(size, update_mode=0):
    return '12,%s,%d,%s' % (NEW, size, FEATURES % update_mode)


def wait_for_network(client):
    """The rule of chapter 5: registered, and the bearer is there."""
    client.wait_for('AT+CEREG?', '+CEREG: 2,1')
    client.wait_for('AT+CGACT?', '+CGACT: 1,1')


def version(client):
    """The version and the build time of the software side, as ^VERSION? has them."""
    lines = client.ask('AT^VERSION?')
    return [line.split(':', 2)[2] for line in lines if re.match(r'\^VERSION:(EXTS|BDT):', line)]


def come_back(client, before):
    """The end of 4.2: the tty is there again, with the echo on, and version and time have changed."""
    client.reopen()
    client.ask('ATE0')
    client.drain()
    if any(was == now for was, now in zip(before, version(client))):
        raise Missing('another version and another time than %s' % before)
    state(client, 10)


def query(client, url, *codes):
    client.say('AT^FOTAOEMDL="%s"' % url, ['OK'] + states(11, *codes))


def progress(client, wanted, rest):
    """Ask until the count is the guide's; rest = what ends each answer."""
    for _ in range(1000):
        client.send('AT^FOTADLQ')
        line = client.line(20)
        if line is None or not line.startswith('^FOTADLQ:'):
            break
        client.expect(rest)
        if line == wanted:
            print('<', line)
            return
    raise Missing('wanted %r, got %r' % (wanted, line))


def ssl_examples(client):
    """The https rows of 4.1.1. The guide shows the first slice of four, and the loading of all three files."""
    text = 'XXXXXXXXXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXX'
    client.say('AT^SSLCFG=2,1,0,2', ['OK'])
    client.say('AT^SSLMNG=2,0,0," ca_cert.pem ",1,4,"%s"' % text, ['OK'])
    for number in (2, 3, 4):
        client.say('AT^SSLMNG=2,0,0," ca_cert.pem ",%d,4,"%s"' % (number, text), ['OK'])
    for kind, name in ((0, 'client_cert.pem'), (2, 'client_key.pem')):
        client.say('AT^SSLMNG=2,%d,0,"%s",1,1,"%s"' % (kind, name, text), ['OK'])
    for kind, name in ((1, 'ca_cert.pem'), (0, 'client_cert.pem'), (2, 'client_key.pem')):
        client.say('AT^SSLMNG=2,%d,2,"%s"' % (kind, name), ['OK'])


def table(client):
    """4.1.1, row by row."""
    client.say('AT+COPS?', ['+COPS: 0,0,"CHN-UNICOM",7', 'OK'])
    client.say('At+cereg?', ['+CEREG: 2,1,"102F","002D811F",7', 'OK'])
    client.say('AT^FOTAMODE=0,1,0,1', ['OK'])
    ssl_examples(client)
    state(client, 10)
    # https is not supported yet (3.2): the server can not be reached.
    query(client, ' ' + ADDRESS.replace('http', 'https'), '13,13')
    client.wait_for('AT^FOTASTATE?', '^FOTASTATE: 10')
    query(client, ' ' + ADDRESS, '12,%s,6129664,1. product_name="MT5700M-CN";2.update_mode="0";3.source_version="%s";en-us'
          % (NEW_TABLE, NEW_TABLE), 30)
    progress(client, '^FOTADLQ: 1,"FIRMWARM1",34519552,68315612', [])
    client.expect(states(40))
    before = version(client)
    client.say('AT^FWUP', ['OK'] + states(50))
    come_back(client, before)


def demo(client):
    """4.2, with the noise of the signal and the spaces of its pictures."""
    before = version(client)
    client.say('AT+CGMR', ['V200R001C20B005', 'OK'])
    client.say('AT+COPS?', ['+COPS: 0, 0, "China Mobile HK", 12', 'OK'])
    client.send('AT^FOTAOEMDL="%s"' % DEMO)
    # The pictures show no OK; it stands behind the first report here.
    client.expect(states(11) + ['OK'] + states(
        '12, %s, 56737228, 1.product_name="MT5700-CN"; 2.update_mode="0"; 3.source_version="%s"' % (NEW, NEW), 30))
    progress(client, '^FOTADLQ: 0, "FIRMWARE1", 5194232, 6129664', ['OK'])
    for ber, rssi in ((20, 23), (17, 21), (13, 16)):
        client.expect(['+CSQ: %d, %d' % (ber, rssi),
                       '+CESQ: 99, 99, 255, 255, %d, %d, 255, 255, 255' % (rssi, ber)])
    client.expect(states(40))
    client.send('AT^FWUP')
    client.expect(states(50) + ['OK', '+CSCON: 1, 7, 4, 0'])
    come_back(client, before)


def automatic(client):
    """4.1.1: with <update_mode> 1 nobody has to send ^FWUP."""
    before = version(client)
    client.say('AT^FOTAMODE=0,1,1,1', ['OK'])
    query(client, ADDRESS, found(65536), 30, 40, 50)
    come_back(client, before)


def automatic_package(client):
    """The same where the server's changelog.xml says so."""
    before = version(client)
    client.say('AT^FOTAMODE=0,1,0,1', ['OK'])
    query(client, ADDRESS, found(65536, 1), 30, 40, 50)
    come_back(client, before)


def state(client, code):
    client.say('AT^FOTASTATE?', states(code) + ['OK'])


def drop(client, code):
    """The note of 4.1.1: in 30, 31 and 40 ^FOTADL=0 leads to 10."""
    state(client, code)
    client.say('AT^FOTADL=0', ['OK'])
    state(client, 10)


def manual(client):
    """Each step by its own command. The line breaks in the first two downloads (5: 31)."""
    before = version(client)
    client.say('AT^FOTAMODE=0,0,0,1', ['OK'])
    query(client, ADDRESS, found(65536))
    state(client, 12)
    client.say('AT^FOTADL=1', ['OK'] + states(30, 31))
    drop(client, 31)
    query(client, ADDRESS, found(65536))
    client.say('AT^FOTADL=1', ['OK'] + states(30, 31))
    client.say('AT^FOTADL=1', ['OK'] + states(30, 40))
    drop(client, 40)
    client.say('AT^FOTAMODE=0,1,0,1', ['OK'])
    query(client, ADDRESS, found(65536), 30)
    drop(client, 30)
    query(client, ADDRESS, found(65536), 30, 40)
    client.say('AT^FWUP', ['OK'] + states(50))
    come_back(client, before)
    wait_for_network(client)
    query(client, ADDRESS, 14)


def store(client, kind, name, path):
    """3.4: a certificate in base64, cut into slices, stored and loaded."""
    with open(path, 'rb') as file:
        text = base64.b64encode(file.read()).decode()
    slices = [text[at:at + SLICE] for at in range(0, len(text), SLICE)]
    for number, piece in enumerate(slices, 1):
        client.say('AT^SSLMNG=2,%d,0,"%s",%d,%d,"%s"' % (kind, name, number, len(slices), piece), ['OK'])
    client.say('AT^SSLMNG=2,%d,2,"%s"' % (kind, name), ['OK'])


def https(client, *files):
    """3.4 with one file (one-way) or three (mutual), where the firmware supports it."""
    before = version(client)
    for kind, name, path in zip((1, 0, 2), ('ca_cert.pem', 'client_cert.pem', 'client_key.pem'), files):
        store(client, kind, name, path)
    client.say('AT^SSLCFG=2,1,0,%d' % (1 if len(files) == 1 else 2), ['OK'])
    query(client, ' ' + ADDRESS.replace('http', 'https'), found(65536), 30, 40)
    client.say('AT^FWUP', ['OK'] + states(50))
    come_back(client, before)


PARTS = {'table': table, 'demo': demo, 'automatic': automatic, 'automatic-package': automatic_package, 'manual': manual,
         'https': https}


def type_by_hand():
    tty, part, *files = sys.argv[1:]
    client = Client(tty)
    client.synchronise()
    client.ask('ATE0')
    wait_for_network(client)
    client.drain()
    PARTS[part](client, *files)
    print('upgraded')


if __name__ == '__main__':
    sys.exit(run('mt5700-guide-client', type_by_hand))
