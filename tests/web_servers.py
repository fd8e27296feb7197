# SPDX-License-Identifier: MIT
"""Web servers that know nothing of Hayeswire, for tests of the modules' downloads: Python's own, and nginx."""
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time

from outside import HAYESWIRE, LIMIT_S, Case

NGINX = shutil.which('nginx', path=os.environ.get('PATH', '') + ':/usr/sbin')

NGINX_CONF = '''
daemon off;
master_process off;
pid %(dir)s/nginx/pid;
events {}
http {
  log_format asked '$remote_addr $http_host "$request" $status $body_bytes_sent $http_user_agent';
  access_log %(dir)s/nginx/log asked if=$http_host;
  default_type application/octet-stream;
  client_body_temp_path %(dir)s/nginx/body;
  proxy_temp_path %(dir)s/nginx/proxy;
  fastcgi_temp_path %(dir)s/nginx/fastcgi;
  uwsgi_temp_path %(dir)s/nginx/uwsgi;
  scgi_temp_path %(dir)s/nginx/scgi;
  server {
    listen %(listen)s;
    %(server)s
  }
}
'''


class Served(Case):
    """A test with a server from outside; what it serves is in the folder www."""

    def make_package(self, dialect, new, name, *words):
        os.makedirs(os.path.dirname(self.path('www/' + name)), exist_ok=True)
        subprocess.run([HAYESWIRE, 'package', 'make', '-d', dialect, '--to', new, '-o', self.path('www/' + name), *words],
                       check=True, capture_output=True, timeout=LIMIT_S)

    @contextlib.contextmanager
    def python_server(self):
        """Its port; at the end, what it was asked is in the file log."""
        with open(self.path('log'), 'wb') as log:
            server = self.start([sys.executable, '-u', '-m', 'http.server', '0', '--bind', '127.0.0.1',
                                 '--directory', 'www'], stdout=subprocess.PIPE, stderr=log)
        with server.stdout:
            yield int(re.search(rb' port (\d+)', server.stdout.readline()).group(1))

    def python_requests(self):
        """What it was asked: the path and the status of each."""
        with open(self.path('log'), encoding='utf-8') as log:
            return re.findall(r'"GET (\S+) HTTP/1.1" (\d+)', log.read())

    def nginx_server(self, server='root %(dir)s/www;', address='127.0.0.1', listen=''):
        """Start it with these lines of its server block; listen is behind the port. Return: the port."""
        # nginx takes no port 0: a port that was free a moment ago, and another if somebody was faster.
        for _ in range(10):
            port = free_port(address)
            name = '[%s]' % address if ':' in address else address
            self.write('nginx.conf', NGINX_CONF % {
                'dir': self.dir, 'listen': '%s:%d%s' % (name, port, listen), 'server': server % {'dir': self.dir}})
            os.makedirs(self.path('nginx'), exist_ok=True)
            process = self.start([NGINX, '-p', self.path('nginx'), '-e', 'stderr', '-c', self.path('nginx.conf')],
                                 stderr=subprocess.DEVNULL)
            if is_up(process, (address, port)):
                return port
        return self.fail('nginx does not start')

    def nginx_log(self):
        with open(self.path('nginx/log'), encoding='utf-8') as log:
            return log.read()

    def nginx_requests(self):
        return re.findall(r'"GET (\S+) HTTP/1.1" (\d+)', self.nginx_log())

    def start(self, argv, **options):
        """A server; it is ended with the test."""
        process = subprocess.Popen(argv, cwd=self.dir, stdin=subprocess.DEVNULL, **options)

        def end():
            process.terminate()
            process.wait(timeout=LIMIT_S)
        self.addCleanup(end)
        return process


def free_port(address):
    with socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def is_up(server, address):
    limit = time.monotonic() + LIMIT_S
    while server.poll() is None and time.monotonic() < limit:
        try:
            socket.create_connection(address, timeout=LIMIT_S).close()
            return True
        except ConnectionRefusedError:
            time.sleep(0.01)  # it is still starting
    return False
