#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hayeswire serve and ctl: the protocol, its bounds, several clients, time that is stepped.

Usage: test-control.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import json
import os
import random
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'harness', 'python'))

from outside import HAYESWIRE, LIMIT_S, Case  # noqa: E402
from hayeswire import Failure, Hayeswire, HayeswireError, pattern  # noqa: E402
from terminal import Tty  # noqa: E402

with open(os.path.join(HERE, '..', 'harness', 'control.schema.json'), encoding='utf-8') as schema_file:
    SCHEMA = json.load(schema_file)


def misfit(value, schema, path='value'):
    """What of a value does not fit a schema (as much of the language as control.schema.json uses), or None."""
    if '$ref' in schema:
        return misfit(value, SCHEMA['$defs'][schema['$ref'].rsplit('/', 1)[1]], path)
    types = {'object': dict, 'array': list, 'string': str, 'integer': int, 'boolean': bool, 'null': type(None)}
    if 'type' in schema and not isinstance(value, types[schema['type']]):
        return '%s is no %s: %r' % (path, schema['type'], value)
    if 'const' in schema and value != schema['const'] or 'enum' in schema and value not in schema['enum']:
        return '%s: %r' % (path, value)
    if 'pattern' in schema and not re.search(schema['pattern'], value):
        return '%s: %r' % (path, value)
    if isinstance(value, dict):
        for key in schema.get('required', ()):
            if key not in value:
                return '%s has no %s' % (path, key)
        for key, item in value.items():
            problem = misfit(item, schema.get('properties', {}).get(key, {}), path + '.' + key)
            if problem:
                return problem
    for index, item in enumerate(value if isinstance(value, list) else ()):
        problem = misfit(item, schema.get('items', {}), '%s[%d]' % (path, index))
        if problem:
            return problem
    return None


class Checked(Hayeswire):
    """A client that holds each result and each notification against the schema."""

    def send(self, method, params):
        self.asked = getattr(self, 'asked', {})
        request = super().send(method, params)
        self.asked[request] = method
        return request

    def _read(self):
        message = super()._read()
        if 'method' in message:
            problem = misfit(message['params'], SCHEMA['notifications'][message['method']]['params'])
        elif 'error' in message:
            problem = misfit(message['error'], SCHEMA['$defs']['error'])
        else:
            problem = misfit(message['result'], SCHEMA['methods'][self.asked[message['id']]]['result'])
        if problem:
            raise ValueError('%s: %s' % (message, problem))
        return message


class ControlCase(Case):
    def bench(self, **options):
        options.setdefault('time', 'x20')
        bench = Checked(program=HAYESWIRE, **options)
        self.addCleanup(self.end, bench)
        return bench

    def end(self, bench):
        bench.close()
        self.assertEqual(bench.process.returncode, 0)  # no crash, no leak where that is looked for

    def server(self, *words):
        """A server on a socket."""
        path = self.path('bench.sock')
        process = subprocess.Popen([HAYESWIRE, 'serve', '--control', path, '--time', 'x20', *words],
                                   stderr=subprocess.PIPE)
        self.addCleanup(self.end_server, process)
        process.stderr.readline()
        return path, process

    def end_server(self, process):
        process.terminate()
        said = process.stderr.read().decode()
        process.stderr.close()
        self.assertIn(process.wait(LIMIT_S), (0, 128 + signal.SIGTERM), said)  # no crash, no leak

    def connect(self, path):
        bench = Checked(socket=path)
        self.addCleanup(bench.close)
        return bench

    def raises(self, code, function, *args, **options):
        with self.assertRaises(HayeswireError) as caught:
            function(*args, **options)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return str(caught.exception)


class Protocol(ControlCase):
    def test_schema_has_each_method_with_its_parameters(self):
        specs = self.bench().call('methods')
        self.assertEqual(sorted(specs), sorted(SCHEMA['methods']))
        types = {'string': 'string', 'integer': 'integer', 'boolean': 'boolean', 'list': 'array', 'object': 'object'}
        for name, spec in specs.items():
            params = SCHEMA['methods'][name]['params']
            parts = [part.strip() for part in spec.split(',') if part.strip()]
            self.assertEqual('*' in parts, params['additionalProperties'], name)
            known = dict(part.split(':') for part in parts if part != '*')
            self.assertEqual(sorted(known), sorted(params['properties']), name)
            for key, kind in known.items():
                self.assertEqual(not kind.endswith('?'), key in params.get('required', ()), (name, key))
                wanted = params['properties'][key]
                if kind.rstrip('?') in types:
                    self.assertEqual(wanted, {'type': types[kind.rstrip('?')]}, (name, key))

    def part_of(self, wanted, value):
        """Whether the value has all that is wanted."""
        if isinstance(wanted, dict):
            return isinstance(value, dict) and all(
                key in value and self.part_of(part, value[key]) for key, part in wanted.items())
        return wanted == value

    def test_example_of_the_schema(self):
        process = subprocess.Popen([HAYESWIRE, 'serve', '--time', 'x20'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.wait, LIMIT_S)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        waiting = []  # an event and an answer of the same moment may come in either order
        for step in SCHEMA['example']:
            if 'send' in step:
                process.stdin.write(json.dumps(step['send']).encode() + b'\n')
                process.stdin.flush()
                continue
            while not any(self.part_of(step['receive'], message) for message in waiting):
                line = process.stdout.readline()
                self.assertTrue(line, (step, waiting))
                waiting.append(json.loads(line))
            waiting = [message for message in waiting if not self.part_of(step['receive'], message)]
        self.assertEqual(waiting, [])
        self.assertEqual(process.stdout.read(), b'')

    def test_greeting(self):
        bench = self.bench(seed=7)
        self.assertEqual((bench.greeting['tool'], bench.greeting['seed']), ('hayeswire', 7))
        self.assertIn('modem.expect', bench.methods)

    def test_wrong_calls_are_told_as_in_lua(self):
        bench = self.bench()
        modem = bench.modem('bc26', 'm0')
        for code, said, method, params in (
                (-32601, 'no method "modem.epxect"; did you mean "modem.expect"?', 'modem.epxect', {}),
                (-32602, 'modem.expect: unknown option "witin"; did you mean "within"?', 'modem.expect',
                 {'what': 'AT', 'witin': '1s'}),
                (-32602, 'within: write a duration such as', 'modem.expect', {'what': 'AT', 'within': 30}),
                (-32602, 'modem.expect: what is missing', 'modem.expect', {}),
                (-32602, 'modem:expect: a command begins with AT: write "AT+CSQ"', 'modem.expect', {'what': '+CSQ'}),
                (-32602, 'no modem "m1"; did you mean "m0"?', 'modem.get', {'name': 'm1'}),
                (-32602, 'no dialect "bc62"; did you mean "bc26"?', 'modem.open', {'dialect': 'bc62'}),
                (-32602, 'unknown option "netwrok"; did you mean "network"?', 'modem.open',
                 {'dialect': 'bc26', 'netwrok': 'none'}),
                (-32602, 'there is a modem named "m0" already', 'modem.open', {'dialect': 'bc26', 'name': 'm0'}),
                (-32602, 'no action "flap"', 'fault.add', {'fault': 'line.tx=flap'}),
                (-32602, 'there is no "of"; did you mean "off"?', 'modem.wait_power', {'state': 'of'}),
                (-32602, 'write a whole number', 'modem.set', {'signal': '-90'}),
                (-32602, 'no kind "urx"; did you mean "rx"?', 'events.fetch', {'kinds': ['urx']}),
                (-32602, 'no call 3 waits', 'modem.answer', {'call': 3}),
                (-32602, 'no call with that id', 'cancel', {'id': 99}),
                (-32602, 'time goes on by itself', 'time.advance', {'by': '1s'})):
            self.assertIn(said, self.raises(code, bench.call, method, **params))
        self.assertIn('did not send "AT+CSQ" within 1 s', self.raises(1, modem.expect, 'AT+CSQ', within='1s'))

    def test_bad_input_gets_an_error_object(self):
        path, process = self.server()
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.connect(path)
        lines = client.makefile('rb')
        self.addCleanup(lines.close)
        lines.readline()
        for text, code in ((b'not json', -32700), (b'{"jsonrpc":"2.0"', -32700), (b'\xff\xfe', -32700),
                           (b'[]', -32600), (b'5', -32600), (b'{"id":1}', -32600),
                           (b'{"jsonrpc":"2.0","id":{},"method":"hello"}', -32600),
                           (b'{"jsonrpc":"2.0","id":1,"method":5}', -32600),
                           (b'{"jsonrpc":"2.0","id":1,"method":"hello","params":[1]}', -32600),
                           (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"hello"}', -32700),
                           (b'{"jsonrpc":"2.0","id":1,"method":"modem.get","params":{"name":"\\u0000"}}', -32602),
                           (b'{"jsonrpc":"2.0","id":1,"method":"modem.expect","params":{"what":'
                            + b'[' * 40 + b']' * 40 + b'}}', -32600),
                           (b'[' * 100000, -32700), (b'\x00', -32700), (b'{"jsonrpc":"2.0",\x00}', -32700),
                           (b'"\xc3\x28"', -32700), (b'"\xed\xa0\x80"', -32700), (b'"\\ud800"', -32700),
                           (b'{"jsonrpc":"2.0","id":1,"method":"he\\u0000llo"}', -32600),
                           (b'{"jsonrpc":"2.0","id":1,"method":"hello\\u0000x"}', -32600),
                           (b'{"jsonrpc":"2.0","id":1,"method":"report.save","params":{"path":"/tmp/x\\u0000y"}}', -32602),
                           (b'{"jsonrpc":"2.0","id":1,"method":"time.advance","params":{"by":"1s\\u0000"}}', -32602),
                           (b'{"jsonrpc":"2.0","id":1,"method":"events.fetch","params":{"since":9223372036854775808}}',
                            -32700),
                           (b'{"jsonrpc":"2.0","id":1,"method":"events.fetch","params":{"since":1.5}}', -32602),
                           (b'[{"jsonrpc":"2.0","id":1,"method":"hello"},{"jsonrpc":"2.0","id":2,"method":"hello"}]',
                            -32600)):
            client.sendall(text + b'\n')
            self.assertEqual(json.loads(lines.readline())['error']['code'], code, text[:60])
        for given, kept in (('null', None), ('true', None), ('1.5', None), ('[1]', None), ('{}', None),
                            ('"a\\u0000b"', 'a\x00b'), ('""', ''), ('-1', -1), ('9223372036854775807', 2 ** 63 - 1)):
            client.sendall(b'{"jsonrpc":"2.0","id":%s,"method":"none"}\n' % given.encode())
            answer = json.loads(lines.readline())
            self.assertEqual((answer['id'], answer['error']['code']), (kept, -32600 if kept is None else -32601), given)
        client.sendall(b'\n{"jsonrpc":"2.0","method":"hello"}\n')  # a notification has no answer
        client.sendall(b'{"jsonrpc":"2.0","id":"x","method":"time.now"}\n')
        self.assertEqual(json.loads(lines.readline())['id'], 'x')
        self.assertIsNone(process.poll())

    def test_line_of_10_mb_closes_the_connection(self):
        path, process = self.server()
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(LIMIT_S)
        self.addCleanup(client.close)
        client.connect(path)
        lines = client.makefile('rb')
        self.addCleanup(lines.close)
        lines.readline()
        try:
            client.sendall(b'"' + b'x' * 10_000_000 + b'"\n')
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was closed before all was sent
        try:
            said = lines.readline()
            self.assertIn('4 MiB', json.loads(said)['error']['message'])
            self.assertEqual(lines.readline(), b'')
        except ConnectionResetError:
            pass
        self.assertIsNone(process.poll())
        self.connect(path).call('time.now')

    REQUESTS = (
        ('modem.open', {'dialect': 'bc26', 'name': 'm0', 'network': 'home', 'quirks': []}),
        ('modem.expect', {'name': 'm0', 'what': {'pattern': 'C%d'}, 'within': '1s', 'because': 'x'}),
        ('modem.expect_any', {'what': ['AT+CSQ', 'AT'], 'within': '1s'}),
        ('modem.on', {'command': 'AT+CSQ', 'info': ['+CSQ: 1'], 'result': 'OK'}),
        ('modem.raw', {'bytes': '\u00ff\u0000'}), ('modem.type', {'text': 'AT+CSQ'}),
        ('modem.power', {'to': 'cut', 'policy': 'torn'}), ('modem.script', {'text': '> AT\n< OK', 'within': '1s'}),
        ('fault.add', {'modem': 'm0', 'fault': 'line.tx@"+CSQ:"=flip:5'}), ('fault.list', {}),
        ('events.fetch', {'since': 3, 'count': 7, 'kinds': ['rx', 'urc']}), ('modem.never', {'what': 'AT+X', 'for': '1s'}),
        ('package.make', {'dialect': 'bc26', 'from': 'a', 'to': 'b', 'size': '4k'}), ('time.scale', {'to': 'x100'}),
        ('platform.call', {'platform': 'luat', 'function': 'refuse', 'args': [1]}), ('cancel', {'id': 1}),
        ('modem.wait_urc', {'what': '+X', 'within': '1s', 'line': 'm0'}), ('modem.answer', {'call': 1, 'info': []}))

    def spoil(self, dice, text):
        """A request with a few bytes changed, left out, doubled or replaced by what JSON is made of."""
        text = bytearray(text)
        for _ in range(dice.randint(0, 4)):
            place = dice.randrange(len(text))
            piece = dice.choice((b'', b'"', b'[', b'}', b'-1', b'null', b'1e9', b'\\u0000', b'\xff', b'\x00', b'"":{},',
                                 bytes([dice.randrange(256)])))
            text[place:place + dice.randint(0, 3)] = piece
        return bytes(text).replace(b'\n', b' ')

    def test_spoilt_requests_are_answered_and_nothing_breaks(self):
        path, process = self.server()
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.settimeout(LIMIT_S)
        client.connect(path)
        lines = client.makefile('rb')
        self.addCleanup(lines.close)
        lines.readline()
        dice = random.Random(7)
        for number in range(1500):
            method, params = dice.choice(self.REQUESTS)
            request = json.dumps({'jsonrpc': '2.0', 'id': number, 'method': method, 'params': params})
            client.sendall(self.spoil(dice, request.encode()) + b'\n')
            if number % 50 == 49:  # what waits is cancelled by its bench's end
                client.sendall(b'{"jsonrpc":"2.0","id":"mark %d","method":"reset"}\n' % number)
                while json.loads(lines.readline()).get('id') != 'mark %d' % number:
                    pass
        self.assertIsNone(process.poll())

    def test_reader_that_never_reads_is_cut_off(self):
        path, process = self.server()
        keeper = self.connect(path)
        for _ in range(20):
            last = keeper.send('report.mark', {'text': 'x' * 1000})
        keeper.wait(last)
        deaf = socket.socket(socket.AF_UNIX)
        self.addCleanup(deaf.close)
        deaf.settimeout(LIMIT_S)
        deaf.connect(path)
        with self.assertRaises((BrokenPipeError, ConnectionResetError)):
            while True:  # until it has more to read than it may
                deaf.sendall(b'{"jsonrpc":"2.0","id":1,"method":"events.fetch"}\n' * 100)
        self.assertIsNone(process.poll())
        self.assertEqual(keeper.call('modem.list'), [])

    def test_one_client_too_many_is_told_so(self):
        path, _ = self.server()
        clients = [self.connect(path) for _ in range(64)]
        self.assertIn('64 clients', self.raises(-32000, Hayeswire, socket=path))
        extra = socket.socket(socket.AF_UNIX)
        self.addCleanup(extra.close)
        extra.settimeout(LIMIT_S)
        extra.connect(path)
        with extra.makefile('rb') as lines:
            self.assertIn('64 clients', json.loads(lines.readline())['error']['message'])
            self.assertEqual(lines.readline(), b'')
        self.assertEqual([client.call('modem.list') for client in clients], [[]] * 64)

    def test_client_that_vanishes_in_mid_call(self):
        path, process = self.server()
        keeper = self.connect(path)
        keeper.modem('bc26', 'm0')
        for _ in range(5):
            client = Checked(socket=path)
            client.send('modem.expect', {'what': 'AT+NEVER', 'within': '1h'})
            client.send('events.subscribe', {'since': 0})
            client.close()
        self.assertEqual(keeper.call('modem.get')['name'], 'm0')
        keeper.call('quit')
        self.assertEqual(process.wait(LIMIT_S), 0)
        self.assertFalse(os.path.exists(path))

    def test_several_clients_share_the_bench(self):
        path, _ = self.server()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        one, two = self.connect(path), self.connect(path)
        modem = one.modem('bc26', 'm0')
        waits = two.send('modem.wait_urc', {'what': '+HELLO', 'within': '5m'})
        modem.rouse()
        modem.urc('+HELLO: 1')
        self.assertEqual(two.wait(waits), '+HELLO: 1')
        waits = two.send('modem.expect', {'what': 'AT+X', 'within': '1h'})
        self.raises(-32602, one.call, 'cancel', id=waits)  # it is another client's
        two.call('cancel', id=waits)
        self.raises(-32800, two.wait, waits)
        done = self.call('serve', '--control', path)
        self.assertEqual(done.returncode, 3)
        self.assertIn('somebody listens there already', done.stderr)

    def test_requests_from_a_file(self):
        self.write('requests', '{"jsonrpc":"2.0","id":1,"method":"modem.open","params":{"dialect":"bc26"}}\n'
                               '{"jsonrpc":"2.0","id":2,"method":"modem.wait_power","params":{"state":"on"}}\n')
        with open(self.path('requests'), encoding='utf-8') as file:
            done = subprocess.run([HAYESWIRE, 'serve', '--time', 'x20'], stdin=file, capture_output=True,
                                  timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual([json.loads(line).get('id') for line in done.stdout.splitlines()], [None, 1, 2])


class Words(ControlCase):
    def test_events_are_numbered_and_can_be_fetched_from_the_start(self):
        bench = self.bench()
        modem = bench.modem('bc26')
        modem.rouse()
        events = bench.events()
        self.assertEqual([event['seq'] for event in events], list(range(len(events))))
        self.assertEqual(events[0]['k'], 'power')
        late = bench.call('events.subscribe', since=0, kinds=['cmd'])
        self.assertEqual(late, {'seq': 0})
        modem.type('AT+CSQ')
        modem.expect('AT+CSQ', within='30s')
        bench.call('time.now')
        got = [event['d'] for event in bench._events]
        self.assertEqual((got[0], got[-1]), ('AT', 'AT+CSQ'))
        self.assertEqual({event['k'] for event in bench._events}, {'cmd'})

    def test_late_subscriber_gets_them_all(self):
        path, _ = self.server()
        keeper, late = self.connect(path), self.connect(path)
        for _ in range(50):
            for _ in range(100):
                last = keeper.send('report.mark', {'text': 'x' * 500})
            keeper.wait(last)
        late.call('events.subscribe', since=0)
        while len(late._events) < 5000:
            message = late._read()
            late._notice(message['method'], message['params'])
        self.assertEqual([event['seq'] for event in late._events], list(range(5000)))

    def test_bytes_come_and_go_as_characters(self):
        bench = self.bench()
        modem = bench.modem('bc26')
        host = Tty(modem.tty)
        self.addCleanup(host.close)
        host.train()
        modem.raw(b'\x00\xff\r\n')
        self.assertTrue(host.wait('\xff\r\n').endswith('\x00\xff\r\n'))
        self.assertEqual(bench.events(kinds=['tx'])[-1]['d'], '\x00\xff\r\n')
        self.assertIn('U+0000 to U+00FF', self.raises(-32602, bench.call, 'modem.raw', bytes='\u20ac'))

    def test_power_network_and_commands(self):
        bench = self.bench()
        modem = bench.modem('bc26')
        modem.rouse()
        modem.type('AT+CSQ')
        self.assertEqual(modem.expect(pattern('CSQ$'), within='30s')['name'], '+CSQ')
        self.assertEqual(modem.count('AT+CSQ'), 1)
        modem.type('AT+CGATT?')
        self.assertEqual(modem.expect_any('AT+CSQ', 'AT+CGATT?', within='30s')['index'], 1)
        modem.signal(-140)
        modem.poll('AT+CSQ', '+CSQ: 0,%d', within='1m')
        modem.type('AT+CSQ')
        modem.script('> AT+CSQ\n< +CSQ: 0,0\n< OK')
        modem.network('none')
        modem.type('AT+CSQ')
        modem.script('> AT+CSQ\n< +CSQ: 99,99\n< OK')
        modem.power_cut('torn')
        self.assertEqual(modem.power, 'off')
        modem.power_on(after='1s')
        modem.wait_power('on', within='1m')
        modem.reset()
        self.assertEqual(modem.boots, 3)
        modem.detach()
        self.assertIsNone(modem.tty)
        self.assertRaises(AttributeError, getattr, modem, 'ttty')
        modem.attach()
        self.assertRegex(modem.tty, '^/dev/pts/')
        with self.assertRaises(Failure) as caught:
            modem.wait_urc('+NEVER', within='1s')
        self.assertIsInstance(caught.exception, AssertionError)
        self.assertIn('since then', str(caught.exception))
        modem.close()
        self.assertEqual(bench.call('modem.list'), [])

    def test_answers_of_the_client(self):
        bench = self.bench()
        modem = bench.modem('bc26')
        modem.rouse()
        modem.on('AT+CSQ', lambda command: (['+CSQ: 1,2', command['text']], '+CME ERROR: 10'))
        modem.type('AT+CMEE=1;+CSQ')
        modem.script('> AT+CMEE=1;+CSQ\n< +CSQ: 1,2\n< AT+CSQ\n< +CME ERROR: 10')
        modem.off('AT+CSQ')
        modem.type('AT+CSQ')
        modem.script('> AT+CSQ\n< +CSQ: %d,%d\n< OK')

    def test_faults_are_counted(self):
        bench = self.bench()
        modem = bench.modem('bc26')
        modem.fault('at.csq=fail:10')
        self.assertEqual(bench.faults(), [{'modem': 'bc26', 'fault': 'at.csq=fail:10', 'fired': 0, 'wanted': 1}])
        modem.rouse()
        modem.type('AT+CSQ')
        modem.script('> AT+CSQ\n< ERROR')
        self.assertEqual(modem.faults()[0]['fired'], 1)
        modem.clear_faults()
        self.assertEqual(bench.faults(), [])

    def test_servers_and_packages(self):
        bench = self.bench()
        server = bench.http()
        package = bench.package('bc26', 'BC26NBR01A05', 'BC26NBR01A06', size='4k')
        url = server.publish('/a.bin', package)
        self.assertTrue(url.endswith('/a.bin') and url.startswith(server.url))
        self.assertEqual(server.requests(), [])
        self.assertIn('give a package or a text', self.raises(-32602, server.publish, '/b'))
        self.assertIn('did you mean "chunked"?', self.raises(-32602, server.publish, '/b', text='x', chunkd=True))
        self.assertIn('nobody asked the server', self.raises(1, server.expect_request, '/a.bin', within='1s'))
        server.down()
        server.up()

    def test_reset_brings_everything_back(self):
        bench = self.bench()
        for _ in range(3):
            modem = bench.modem('bc26', 'm0', firmware='BC26NBR01A05')
            bench.http()
            modem.rouse()
            waits = bench.send('modem.expect', {'what': 'AT+X', 'within': '1h'})
            bench.reset()
            self.assertIn('reset', self.raises(-32800, bench.wait, waits))
            self.assertEqual(bench.call('modem.list'), [])
            self.assertEqual(bench.events(), [])
            self.assertLess(bench.now(), 60)

    def test_platform(self):
        bench = self.bench()
        self.assertIn('did you mean "luat"?', self.raises(-32602, bench.platform, 'laut'))
        luat = bench.platform('luat')
        self.assertIn('no', self.raises(-32602, luat, 'no_such_function'))

    def test_report(self):
        bench = self.bench()
        bench.call('report.mark', text='here it begins')
        bench.call('report.save', path=self.path('a.txt'))
        bench.call('report.save', path=self.path('a.jsonl'))
        with open(self.path('a.txt'), encoding='utf-8') as file:
            self.assertIn('here it begins', file.read())
        with open(self.path('a.jsonl'), encoding='utf-8') as file:
            self.assertEqual(len([json.loads(line) for line in file]), 3)
        self.assertIn('report.save: /', self.raises(-32602, bench.call, 'report.save', path='/no/such/folder'))


class Time(ControlCase):
    def test_time_is_stepped_by_the_client(self):
        bench = self.bench(time='step')
        modem = bench.modem('bc26')
        self.assertEqual((bench.now(), modem.power), (0, 'booting'))
        self.assertEqual(bench.advance('1s'), 1.0)
        self.assertEqual(modem.power, 'booting')
        waits = bench.send('modem.wait_power', {'state': 'on', 'within': '1m'})
        late = bench.send('modem.wait_urc', {'what': '+NEVER', 'within': '5s'})
        self.assertEqual(bench.advance('10s'), 11.0)
        bench.wait(waits)
        self.assertIn('within 5 s', self.raises(1, bench.wait, late))
        self.assertEqual(modem.power, 'on')
        events = bench.events(kinds=['power'])
        self.assertEqual([event['t'] for event in events], [0, 2300000])

    def test_stepped_time_waits_for_real_servers(self):
        bench = self.bench(time='step')
        modem = bench.modem('bc26', firmware='BC26NBR01A05')
        url = bench.http().publish('/a.bin', bench.package('bc26', 'BC26NBR01A05', 'BC26NBR01A06'))
        roused = bench.send('modem.rouse', {})
        bench.advance('1m')
        bench.wait(roused)
        modem.type('AT+QFOTADL="%s"' % url)
        done = bench.send('modem.wait_urc', {'what': '+QIND: "FOTA","HTTPEND",0', 'within': '1h'})
        bench.advance('10m')
        self.assertEqual(bench.wait(done), '+QIND: "FOTA","HTTPEND",0')
        self.assertEqual((modem.firmware, bench.now()), ('BC26NBR01A06', 660.0))

    def test_time_can_go_on_at_another_speed(self):
        bench = self.bench(time='real')
        self.assertEqual(bench.call('time.scale', to='x1000')['time'], 'x1000')
        modem = bench.modem('bc26', registration='10m')
        modem.wait_power('on', within='1m')
        self.assertGreater(bench.now(), 2)
        before = bench.now()
        bench.scale('real')
        self.assertLess(bench.now() - before, LIMIT_S)  # no jump
        bench.scale('x500')
        self.assertEqual(bench.env()['HAYESWIRE_TIME_SCALE'], '500')
        bench.reset()
        self.assertEqual((bench.time, bench.call('time.now')['time']), ('real', 'real'))
        for to in ('step', 'x0', 'x', 'fast'):
            self.assertIn('there are real, and xN', self.raises(-32602, bench.call, 'time.scale', to=to))
        bench.call('reset', time='step')
        self.assertIn('time is stepped', self.raises(-32602, bench.call, 'time.scale', to='x2'))

    def test_reset_may_change_the_time(self):
        bench = self.bench(time='step')
        bench.advance('1h')
        bench.call('reset', time='x50')
        self.assertEqual(bench.call('time.now')['time'], 'x50')
        self.assertIn('there are real, xN', self.raises(-32602, bench.call, 'reset', time='fast'))


class Shell(ControlCase):
    def test_ctl(self):
        path, _ = self.server()

        def ctl(status, *words):
            done = self.call('ctl', path, *words)
            self.assertEqual(done.returncode, status, done.stderr)
            return done

        self.assertEqual(json.loads(ctl(0, 'modem.open', '{"dialect": "bc26"}').stdout)['name'], 'bc26')
        self.assertEqual(ctl(0, 'modem.wait_power', '{"state": "on"}').stdout, 'null\n')
        failed = ctl(1, 'modem.expect', '{"what": "AT+CSQ", "within": "1s"}')
        self.assertIn('ctl: the host did not send "AT+CSQ"', failed.stderr)
        self.assertIn('since then', failed.stderr)
        self.assertIn('did you mean', ctl(2, 'modem.opne').stderr)
        self.assertIn('no JSON object', ctl(2, 'modem.open', '{').stderr)
        self.assertIn('no JSON object', ctl(2, 'modem.open', '[]').stderr)
        watcher = subprocess.Popen([HAYESWIRE, 'ctl', path, 'events.subscribe', '{"since": 0}'],
                                   stdout=subprocess.PIPE)
        self.assertEqual(json.loads(watcher.stdout.readline())['seq'], 0)
        watcher.terminate()
        watcher.wait(LIMIT_S)
        watcher.stdout.close()
        for verb in ('ctl', 'serve'):  # the examples of the help
            ctl(0, 'reset')
            examples = [line for line in self.call(verb, '--help').stdout.splitlines()
                        if line.startswith('  hayeswire ctl') and 'subscribe' not in line]
            self.assertGreater(len(examples), 1)
            for line in examples:
                if 'modem.expect' in line:
                    ctl(0, 'modem.rouse')
                    ctl(0, 'modem.type', '{"text": "AT+CSQ"}')
                done = self.call(*shlex.split(line.replace('./bench.sock', path))[1:])
                self.assertEqual(done.returncode, 0, (line, done.stderr))
        ctl(0, 'quit')
        self.assertEqual(self.call('ctl', path, 'hello').returncode, 3)


if __name__ == '__main__':
    unittest.main(verbosity=1)
