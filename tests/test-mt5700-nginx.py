# SPDX-License-Identifier: MIT
"""An MT5700M upgraded from nginx, set up as in the vendor's guide, 3.1. Its access log is the witness: the order of the
files, and a 206 after a power cut. Exit status 77 (skipped) where there is no nginx.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

import outside

HOST = os.path.join(os.environ['HOSTS'], 'mt5700-updater')
NGINX = shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin:/sbin')

# The two places that the guide has one change: the port, and what /download/full leads to.
CONF = '''
daemon off;
pid %(dir)s/nginx.pid;
error_log %(dir)s/error.log;
events { worker_connections 64; }
http {
    access_log %(dir)s/access.log;
    default_type application/octet-stream;
    client_body_temp_path %(dir)s/t1;
    proxy_temp_path %(dir)s/t2;
    fastcgi_temp_path %(dir)s/t3;
    uwsgi_temp_path %(dir)s/t4;
    scgi_temp_path %(dir)s/t5;
    server {
        listen %(listen)s;
        server_name www.telematics.com;
        location / {
            root %(dir)s/html;
            index index.html index.htm;
        }
        error_page 500 502 503 504 /50x.html;
        location = /50x.html {
            root html;
        }
        location /download/full {
            alias %(dir)s/sp800/full;
            allow all;
            autoindex on;
        }
    }
}
'''

SCENARIO = '''
  local modem = t:modem { dialect = "mt5700", firmware = "1.2.5.0(SP1C02)", flash_time = "5s", breakpoint_pages = 16 }
  local host  = t:host { "%(host)s", t:tty_link(), "%(url)s", "--target", "1.3.0.0(SP1C02)" }
  modem:fault "download.body@60%%=power_cut"
  modem:wait_power("off", { within = "5m" })
  modem:power_on { after = "3s" }
  host:expect_exit(0, { within = "10m" })
  t:equal(modem.firmware, "1.3.0.0(SP1C02)")
'''


def free_port(family):
    with socket.socket(family) as probe:
        probe.bind(('::1' if family == socket.AF_INET6 else '127.0.0.1', 0))
        return probe.getsockname()[1]


class Nginx(outside.Case):
    def serve(self, listen, address):
        self.write('nginx.conf', CONF % {'dir': self.dir, 'listen': listen})
        for name in ('html', 't1', 't2', 't3', 't4', 't5'):
            os.makedirs(self.path(name), exist_ok=True)
        made = self.call('package', 'make', '--dialect', 'mt5700', '--to', '1.3.0.0(SP1C02)', '--size', '2M', '-o', 'sp800')
        self.assertEqual(made.returncode, 0, made.stderr)
        os.chmod(self.dir, 0o755)  # nginx's worker may be another user
        server = subprocess.Popen([NGINX, '-p', self.dir, '-c', self.path('nginx.conf'), '-e', self.path('error.log')],
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        for _ in range(200):
            try:
                socket.create_connection(address, 1).close()
                return
            except OSError:
                self.assertIsNone(server.poll(), 'nginx ended by itself')
                time.sleep(0.05)
        self.fail('nginx does not listen')

    def upgrade(self, url):
        name = self.scenario('nginx.lua', SCENARIO % {'host': HOST, 'url': url})
        self.run_(0, name, '--time', 'x50')
        with open(self.path('access.log'), encoding='utf-8') as log:
            return re.findall(r'"GET (\S+) HTTP/1.1" (\d+)', log.read())

    def check(self, requests):
        query = [('/download/full/filelist.xml', '200'), ('/download/full/changelog.xml', '200')]
        self.assertEqual(requests, query + [('/download/full/ota.swu', '200')] + query +
                         [('/download/full/ota.swu', '206')])

    def test_the_guides_server_on_ipv4(self):
        port = free_port(socket.AF_INET)
        self.serve('127.0.0.1:%d' % port, ('127.0.0.1', port))
        self.check(self.upgrade('http://127.0.0.1:%d/download/' % port))

    def test_the_guides_server_on_ipv6(self):
        port = free_port(socket.AF_INET6)
        self.serve('[::1]:%d' % port, ('::1', port))
        self.check(self.upgrade('http://[::1]:%d/download/' % port))


if __name__ == '__main__':
    if not NGINX:
        print('there is no nginx here')
        sys.exit(77)
    unittest.main()
