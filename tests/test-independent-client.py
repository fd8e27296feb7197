#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients and servers that know nothing of Hayeswire: pyserial, socat, Python's web server, nginx.

The examples of the modules' guides are typed line by line (hosts/*guide-client.py), and the package comes from a
real web server. Exit status 77 where pyserial is missing.

Usage: test-independent-client.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import os
import shutil
import subprocess
import sys
import unittest

from outside import LIMIT_S, Case, python_with_serial
from web_servers import NGINX, Served

TESTS = os.path.dirname(os.path.abspath(__file__))
PYTHON = python_with_serial()


class Typed(Served):
    """A guide's examples, typed by one of its clients."""

    def play(self, scenario, *client, options=()):
        shutil.copy(os.path.join(TESTS, 'scenarios', scenario), self.dir)
        self.run_(0, scenario, '--time', 'auto', *options, '--', PYTHON, os.path.join(TESTS, 'hosts', client[0]),
                  *client[1:])


class Bc26Guide(Typed):
    URL = 'http://www.quectel.com:100/update.bin'
    OLD, NEW = 'BC26NBR01A05', 'BC26NBR01A06'

    def upgrade(self, port, *percent):
        self.write('part.lua', 'return { port = %d, cut = %s }\n' % (port, percent[0] if percent else 'nil'))
        self.play('guide-client.lua', 'guide-client.py', '{tty}', self.URL, self.NEW, *map(str, percent))

    def setUp(self):
        super().setUp()
        self.make_package('bc26', self.NEW, 'update.bin', '--from', self.OLD)

    def test_with_the_web_server_of_python(self):
        with self.python_server() as port:
            self.upgrade(port)
        self.assertEqual(self.python_requests(), [('/update.bin', '200')])

    def test_the_forced_upgrade_after_a_power_cut(self):
        with self.python_server() as port:
            self.upgrade(port, 37)

    @unittest.skipUnless(NGINX, 'nginx is not there')
    def test_with_nginx(self):
        self.upgrade(self.nginx_server())
        self.assertEqual(self.nginx_log(), '127.0.0.1 www.quectel.com:100 "GET /update.bin HTTP/1.1" 200 65536 -\n')


class Air720Guide(Typed):
    NEW = 'AirM2M_720_V9999_LTE_AT'

    def upgrade(self, way):
        # The guide's URL is a name without a path: the server looks for the index of its root.
        self.make_package('air720', self.NEW, 'index.html', '--from', 'AirM2M_720_V422_LTE_AT')
        with self.python_server() as port:
            self.write('part.lua', 'return { port = %d }\n' % port)
            self.play('air720-guide-client.lua', 'air720-guide-client.py', '{tty}', '{tty:air720.uart2}', way, self.NEW)
        self.assertEqual(self.python_requests(), [('/', '200')])

    def test_the_users_own_server(self):
        self.upgrade('http://xxxx.bin')

    def test_the_vendors_service(self):
        self.upgrade('service')

    def test_an_upgrade_by_itself(self):
        self.upgrade('auto')


FOLDER = '/mt5700/full/'
QUERY = [(FOLDER + 'filelist.xml', '200'), (FOLDER + 'changelog.xml', '200')]
WHOLE, REST = [(FOLDER + 'ota.swu', '200')], [(FOLDER + 'ota.swu', '206')]


class Mt5700Guide(Typed):
    NEW = '1.3.0.0(SP1C02)'

    def type(self, part, port, *files, at='192.168.0.100:9080', new=NEW):
        self.write('part.lua', 'return { name = "%s", at = "%s", port = %d, version = "%s" }\n' % (part, at, port, new))
        link = self.path('modem')
        self.play('mt5700-guide-client.lua', 'mt5700-guide-client.py', link, part, *files, options=('--tty-link', link))

    def serve_and_type(self, part, folder='mt5700', words=(), **names):
        """Return: what the server was asked."""
        self.make_package('mt5700', names.get('new', self.NEW), folder, *words)
        with self.python_server() as port:
            self.type(part, port, **names)
        return self.python_requests()

    def test_the_table_of_the_guide(self):
        requests = self.serve_and_type('table', words=['--size', '68315612', '--with', 'product_blank=yes'],
                                       new='V100R001C00B002')
        self.assertEqual(requests, QUERY + WHOLE)

    def test_the_demonstration_of_the_guide(self):
        words = ['--size', '6129664', '--with', 'product=MT5700-CN', '--with', 'language=']
        requests = self.serve_and_type('demo', 'fota/mt5700', words, at='192.168.57.231')
        self.assertEqual([path for path, _ in requests],
                         ['/fota' + FOLDER + name for name in ('filelist.xml', 'changelog.xml', 'ota.swu')])

    def test_an_upgrade_that_the_module_begins_by_itself(self):
        self.assertEqual(self.serve_and_type('automatic'), QUERY + WHOLE)

    def test_an_upgrade_that_the_package_wants_at_once(self):
        self.assertEqual(self.serve_and_type('automatic-package', words=['--with', 'update_mode=1']), QUERY + WHOLE)

    @unittest.skipUnless(NGINX, 'nginx is not there')
    def test_each_step_by_its_own_command(self):
        self.make_package('mt5700', self.NEW, 'mt5700')
        self.type('manual', self.nginx_server())
        self.assertEqual(self.nginx_requests(), QUERY + WHOLE + QUERY + WHOLE + REST + (QUERY + WHOLE) * 2 + QUERY)

    @unittest.skipUnless(NGINX and shutil.which('openssl'), 'nginx or openssl is not there')
    def test_https_with_the_certificate_of_the_server(self):
        self.https('ca.pem')

    @unittest.skipUnless(NGINX and shutil.which('openssl'), 'nginx or openssl is not there')
    def test_https_with_certificates_on_both_sides(self):
        self.https('ca.pem', 'client.pem', 'client.key', server='ssl_client_certificate ca.pem; ssl_verify_client on;')

    def https(self, *files, server=''):
        self.make_certificates()
        self.make_package('mt5700', self.NEW, 'mt5700')
        server = server.replace('ca.pem', '%(dir)s/ca.pem')
        port = self.nginx_server('root %(dir)s/www; ssl_certificate %(dir)s/server.pem; '
                                 'ssl_certificate_key %(dir)s/server.key; ' + server, listen=' ssl')
        self.type('https', port, *map(self.path, files))
        self.assertEqual(self.nginx_requests(), QUERY + WHOLE)

    def make_certificates(self):
        """As a user of the guide would, with the program openssl."""
        self.openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=ca', '-keyout', 'ca.key', '-out',
                     'ca.pem')
        for name in ('server', 'client'):
            self.write('names', 'subjectAltName=IP:192.168.0.100\n')
            self.openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=' + name, '-keyout', name + '.key', '-out',
                         'request')
            self.openssl('x509', '-req', '-in', 'request', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
                         '-extfile', 'names', '-out', name + '.pem')

    def openssl(self, *words):
        subprocess.run(['openssl', *words], cwd=self.dir, check=True, capture_output=True, timeout=LIMIT_S)


class M531xGuide(Typed):
    SIZE = 13 * 1024 + 346

    def test_steps_8_to_16(self):
        package = bytearray(at * 7 + (at >> 8) & 0xFF for at in range(self.SIZE))
        # What the guide shows of its blocks: where it stands in the file, and the bytes.
        for at, shown in ((0, 'C7AC'), (1023, 'F8'), (1024, 'D3A6'), (2047, 'EB'), (12 * 1024, 'AEC9'),
                          (13 * 1024 - 1, 'C9'), (13 * 1024, 'CFA3'), (self.SIZE - 1, '0A')):
            package[at:at + len(shown) // 2] = bytes.fromhex(shown)
        with open(self.path('package.bin'), 'wb') as file:
            file.write(package)
        self.play('m531x-guide-client.lua', 'm531x-guide-client.py', '{tty}', self.path('image'))
        with open(self.path('image'), 'rb') as file:
            self.assertEqual(file.read(), package)


class Socat(Case):
    @unittest.skipUnless(shutil.which('socat'), 'socat is not there')
    def test_gets_an_answer(self):
        self.run_(0, os.path.join(TESTS, 'scenarios', 'socat.lua'), '--time', 'auto')


if __name__ == '__main__':
    if not PYTHON:
        print('pyserial is not there (Debian: python3-serial)')
        sys.exit(77)
    unittest.main()
