# SPDX-License-Identifier: MIT
"""An MT5700M upgraded from nginx, set up as in the vendor's guide, 3.1. Its access log is the witness: the order of the
files, and a 206 after a power cut. Exit status 77 (skipped) where there is no nginx.
"""
import os
import sys
import unittest

from web_servers import NGINX, Served

HOST = os.path.join(os.environ['HOSTS'], 'mt5700-updater')

# The two places that the guide has one change: the port, and what /download/full leads to.
SERVER = '''
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
        alias %(dir)s/www/sp800/full;
        allow all;
        autoindex on;
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


class Nginx(Served):
    def setUp(self):
        super().setUp()
        self.make_package('mt5700', '1.3.0.0(SP1C02)', 'sp800', '--size', '2M')

    def upgrade(self, url):
        """A whole upgrade: the server is asked for the list first, then the log of changes, then the package; when the
        power comes back all of it again, but of the package only the rest."""
        name = self.scenario('nginx.lua', SCENARIO % {'host': HOST, 'url': url})
        self.run_(0, name, '--time', 'auto')
        query = [('/download/full/filelist.xml', '200'), ('/download/full/changelog.xml', '200')]
        self.assertEqual(self.nginx_requests(), query + [('/download/full/ota.swu', '200')] + query +
                         [('/download/full/ota.swu', '206')])

    def test_the_guides_server_on_ipv4(self):
        self.upgrade('http://127.0.0.1:%d/download/' % self.nginx_server(SERVER))

    def test_the_guides_server_on_ipv6(self):
        self.upgrade('http://[::1]:%d/download/' % self.nginx_server(SERVER, '::1'))


if __name__ == '__main__':
    if not NGINX:
        print('there is no nginx here')
        sys.exit(77)
    unittest.main()
