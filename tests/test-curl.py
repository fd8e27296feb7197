# SPDX-License-Identifier: MIT
"""curl fetches from the bench's own server what the modules fetch: the packages of all dialects and the files beside
them, over http and https, whole and from a byte on. Exit status 77 where there is no curl.

Usage: test-curl.py PATH-OF-HAYESWIRE [unittest arguments]
"""
import os
import shutil
import subprocess
import sys
import unittest

from outside import HAYESWIRE, LIMIT_S, Case

# name, where it is published, and the files that stand there
PACKAGES = (
    ('air720', '/air720/update.bin', ['']),
    ('bc26', '/bc26/update.bin', ['']),
    ('m531x', '/m531x/update.bin', ['']),
    ('mt5700', '/mt5700/', ['full/filelist.xml', 'full/changelog.xml', 'full/ota.swu']),
)

# The server runs as long as its host, which here is the script of a test.
SCENARIO = '''
  local certs = t:certificates()
  local server = %(tls)s and t:http { certificate = certs.server, key = certs.server_key, client_ca = %(client_ca)s }
                 or t:http()
  for _, name in ipairs { "air720", "bc26", "m531x" } do
    server:publish("/" .. name .. "/update.bin", t:package { dialect = name, to = "new", size = "70k" })
  end
  server:publish_folder("/mt5700/", t:package { dialect = "mt5700", to = "new", size = "70k" })
  local host = t:host { "sh", "./fetch", server.url, certs.ca, certs.client, certs.client_key }
  host:expect_exit(0, { within = "2m" })
'''


class Fetched(Case):
    def fetch(self, script, tls=False, client_ca='nil'):
        """Let the script talk to the server: $1 is its URL, and $2 to $4 are the certificates of https."""
        self.write('fetch', 'set -eu\ncd "%s"\nprintf %%s "$2" >ca\nprintf %%s "$3" >own\nprintf %%s "$4" >key\n%s\n'
                   % (self.dir, script))
        name = self.scenario('curl.lua', SCENARIO % {'tls': str(tls).lower(), 'client_ca': client_ca})
        self.run_(0, name, '--time', 'real')

    def made(self, dialect, file):
        """The bytes that `package make` gives for that file."""
        target = self.path('made-' + dialect)
        subprocess.run([HAYESWIRE, 'package', 'make', '-d', dialect, '--to', 'new', '--size', '70k', '-o', target],
                       check=True, capture_output=True, timeout=LIMIT_S)
        return self.read(os.path.join(target, file) if file else target)

    def read(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def fetch_all(self, options='', **tls):
        urls = [path + file for _, path, files in PACKAGES for file in files]
        self.fetch('\n'.join('curl -sSf %s -o got%d "$1%s"' % (options, number, url) for number, url in enumerate(urls)),
                   **tls)
        number = 0
        for dialect, _, files in PACKAGES:
            for file in files:
                self.assertEqual(self.read('got%d' % number), self.made(dialect, file), (dialect, file))
                number += 1

    def test_over_http(self):
        self.fetch_all()

    def test_over_https_with_the_certificate_of_the_server(self):
        self.fetch_all('--cacert ca', tls=True)

    def test_over_https_with_certificates_on_both_sides(self):
        self.fetch_all('--cacert ca --cert own --key key', tls=True, client_ca='certs.ca')

    def test_https_refuses_a_client_without_certificate_and_curl_a_server_that_it_does_not_know(self):
        self.fetch('! curl -sSf -o got --cacert ca "$1/bc26/update.bin"', tls=True, client_ca='certs.ca')
        self.fetch('! curl -sSf -o got "$1/bc26/update.bin"', tls=True)
        self.assertFalse(os.path.exists(self.path('got')))

    def resumed(self, options='', **tls):
        """The first 5000 bytes, then what is missing: 206, and a range that says so."""
        self.fetch('curl -sSf %s -r 0-4999 -o got "$1/bc26/update.bin"\n'
                   'curl -sSf %s -C - -o got -D head "$1/bc26/update.bin"' % (options, options), **tls)
        self.assertEqual(self.read('got'), self.made('bc26', ''))
        head = self.read('head').decode()
        self.assertTrue(head.startswith('HTTP/1.1 206 '), head)
        self.assertIn('\r\nContent-Range: bytes 5000-71679/71680\r\n', head)

    def test_the_rest_of_a_file_over_http(self):
        self.resumed()

    def test_the_rest_of_a_file_over_https(self):
        self.resumed('--cacert ca', tls=True)

    def test_what_is_not_there(self):
        self.fetch('curl -s -o none -w "%{http_code} " "$1/bc26/other.bin" "$1/mt5700/filelist.xml" >codes\n'
                   'curl -s -o none -r 71680- -w "%{http_code}" "$1/bc26/update.bin" >>codes\n'
                   '! curl -sf "$1/none"')
        self.assertEqual(self.read('codes'), b'404 404 416')

    def test_only_the_head_and_several_files_on_one_connection(self):
        self.fetch('curl -sSf -I "$1/bc26/update.bin" >head\n'
                   'curl -sSf -w "%{num_connects} " -o a "$1/mt5700/full/filelist.xml" -o b '
                   '"$1/mt5700/full/changelog.xml" >connects')
        self.assertRegex(self.read('head').decode(), '(?m)^Content-Length: 71680\r$')
        self.assertEqual(self.read('connects'), b'1 0 ')
        self.assertEqual(self.read('b'), self.made('mt5700', 'full/changelog.xml'))


if __name__ == '__main__':
    if not shutil.which('curl'):
        print('there is no curl here (Debian: curl)')
        sys.exit(77)
    unittest.main()
