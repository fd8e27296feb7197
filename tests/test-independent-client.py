#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients and servers that know nothing of Hayeswire: pyserial, socat, Python's web server, nginx.

The examples of the BC26's and the Air720's guides are typed line by line (hosts/*guide-client.py)
and the package comes from a real web server. Exit status 77 where pyserial is missing.

Usage: test-independent-client.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

from outside import HAYESWIRE, LIMIT_S, Case, python_with_serial

TESTS = os.path.dirname(os.path.abspath(__file__))
NGINX = shutil.which('nginx', path=os.environ.get('PATH', '') + ':/usr/sbin')
URL = 'http://www.quectel.com:100/update.bin'
OLD, NEW = 'BC26NBR01A05', 'BC26NBR01A06'


PYTHON = python_with_serial()


class Served(Case):
    """A client and a server from outside; the package is in the folder www."""

    def make_package(self, dialect, old, new, name):
        os.mkdir(self.path('www'))
        subprocess.run([HAYESWIRE, 'package', 'make', '-d', dialect, '--from', old, '--to', new,
                        '-o', self.path('www/' + name)], check=True, capture_output=True, timeout=LIMIT_S)

    def play(self, scenario, port, *client):
        shutil.copy(os.path.join(TESTS, 'scenarios', scenario), self.dir)
        self.write('server_port.lua', 'return %d\n' % port)
        self.run_(0, scenario, '--time', 'x20', '--', PYTHON, os.path.join(TESTS, 'hosts', client[0]), *client[1:])

    @contextlib.contextmanager
    def python_server(self):
        """Its port; at the end, what it was asked is in the file log."""
        with open(self.path('log'), 'wb') as log:
            server = self.start([sys.executable, '-u', '-m', 'http.server', '0', '--bind', '127.0.0.1',
                                 '--directory', 'www'], stdout=subprocess.PIPE, stderr=log)
        with server.stdout:
            yield int(re.search(rb' port (\d+)', server.stdout.readline()).group(1))

    def requests(self):
        with open(self.path('log'), encoding='utf-8') as log:
            return re.findall(r'"(.*?)" (\d+)', log.read())

    def start(self, argv, **options):
        """A server; it is ended with the test."""
        process = subprocess.Popen(argv, cwd=self.dir, stdin=subprocess.DEVNULL, **options)

        def end():
            process.terminate()
            process.wait(timeout=LIMIT_S)
        self.addCleanup(end)
        return process


class Guide(Served):
    def setUp(self):
        super().setUp()
        self.make_package('bc26', OLD, NEW, 'update.bin')

    def upgrade(self, port):
        self.play('guide-client.lua', port, 'guide-client.py', '{tty}', URL, NEW)

    def test_with_the_web_server_of_python(self):
        with self.python_server() as port:
            self.upgrade(port)
        self.assertEqual(self.requests(), [('GET /update.bin HTTP/1.1', '200')])

    @unittest.skipUnless(NGINX, 'nginx is not there')
    def test_with_nginx(self):
        port = self.start_nginx()
        self.upgrade(port)
        with open(self.path('nginx/log'), encoding='utf-8') as log:
            self.assertEqual(log.read(), '127.0.0.1 www.quectel.com:100 "GET /update.bin HTTP/1.1" 200 65536 -\n')

    def start_nginx(self):
        # nginx takes no port 0: a port that was free a moment ago, and another if somebody was faster.
        for _ in range(10):
            with socket.socket() as probe:
                probe.bind(('127.0.0.1', 0))
                port = probe.getsockname()[1]
            self.write('nginx.conf', NGINX_CONF % {'dir': self.dir, 'port': port})
            os.makedirs(self.path('nginx'), exist_ok=True)
            server = self.start([NGINX, '-p', self.path('nginx'), '-e', 'stderr', '-c', self.path('nginx.conf')],
                                stderr=subprocess.DEVNULL)
            if self.is_up(server, port):
                return port
        return self.fail('nginx does not start')

    @staticmethod
    def is_up(server, port):
        limit = time.monotonic() + LIMIT_S
        while server.poll() is None and time.monotonic() < limit:
            try:
                socket.create_connection(('127.0.0.1', port), timeout=LIMIT_S).close()
                return True
            except ConnectionRefusedError:
                time.sleep(0.01)  # it is still starting
        return False


NGINX_CONF = '''
daemon off;
master_process off;
pid %(dir)s/nginx/pid;
events {}
http {
  log_format asked '$remote_addr $http_host "$request" $status $body_bytes_sent $http_user_agent';
  access_log %(dir)s/nginx/log asked if=$http_host;
  client_body_temp_path %(dir)s/nginx/body;
  proxy_temp_path %(dir)s/nginx/proxy;
  fastcgi_temp_path %(dir)s/nginx/fastcgi;
  uwsgi_temp_path %(dir)s/nginx/uwsgi;
  scgi_temp_path %(dir)s/nginx/scgi;
  server {
    listen 127.0.0.1:%(port)d;
    root %(dir)s/www;
  }
}
'''


class Air720Guide(Served):
    def test_with_the_web_server_of_python(self):
        new = 'AirM2M_720_V9999_LTE_AT'
        # The guide's URL is a name without a path: the server looks for the index of its root.
        self.make_package('air720', 'AirM2M_720_V422_LTE_AT', new, 'index.html')
        with self.python_server() as port:
            self.play('air720-guide-client.lua', port, 'air720-guide-client.py', '{tty}', '{tty:air720.uart2}',
                      'http://xxxx.bin', new)
        self.assertEqual(self.requests(), [('GET / HTTP/1.1', '200')])


class Socat(Case):
    @unittest.skipUnless(shutil.which('socat'), 'socat is not there')
    def test_gets_an_answer(self):
        self.run_(0, os.path.join(TESTS, 'scenarios', 'socat.lua'), '--time', 'x20')


if __name__ == '__main__':
    if not PYTHON:
        print('pyserial is not there (Debian: python3-serial)')
        sys.exit(77)
    unittest.main()
