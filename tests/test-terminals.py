#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The programs that people use, in tmux, against a sandbox: test-terminals.py PATH-OF-HAYESWIRE picocom|tio

Exit status: 77 when tmux or the program is not there.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from terminal import Stream

OLD, NEW = 'BC26NBR01A05', 'BC26NBR01A06'
OPEN = {'picocom': ['picocom', '-b', '115200'], 'tio': ['tio']}


class Pane(Stream):
    """A window of tmux. What it shows comes through a FIFO."""

    def __init__(self, tmux, name, folder):
        self.tmux, self.name = tmux, name
        fifo = os.path.join(folder, name + '.fifo')
        os.mkfifo(fifo)
        super().__init__(os.open(fifo, os.O_RDWR | os.O_NONBLOCK))
        tmux('new-session', '-d', '-s', name, '-x', '160', '-y', '50', 'sh')
        tmux('pipe-pane', '-t', name, 'cat >> ' + shlex.quote(fifo))
        self.send('echo "the pane is $((20 + 3))"\r')
        self.wait('the pane is 23')

    def send(self, text):
        self.tmux('send-keys', '-t', self.name, '-l', '--', text)

    def run(self, *words):
        self.send(' '.join(shlex.quote(word) for word in words) + '\r')


def train(pane):
    for _ in range(100):
        pane.send('AT\r')
        try:
            pane.wait('OK', 0.3)
            return
        except AssertionError:
            pass
    raise AssertionError('AT is not answered: ' + pane.all)


def check(hayeswire, program, folder, tmux):
    subprocess.run([hayeswire, 'package', 'make', '--dialect', 'bc26', '--from', OLD, '--to', NEW, '-o',
                    os.path.join(folder, 'update.bin')], check=True, stdout=subprocess.DEVNULL)
    link = os.path.join(folder, 'tty')
    desk = Pane(tmux, 'desk', folder)
    desk.run(hayeswire, 'sandbox', 'bc26', '--tty-link', link, '--http', folder, '--time', 'x20',
             '-o', 'firmware=' + OLD, '-o', 'update_time=20s', '-o', 'download_rate=64k')
    url = re.search(r'http://[\d.:]+/', desk.wait('http://') + desk.wait('/')).group()
    host = Pane(tmux, 'host', folder)
    host.run(*OPEN[program], link)
    desk.wait('the tty is open')
    train(host)
    host.send('ATI\r')
    host.wait(OLD)
    host.send('AT+QFOTADL="%supdate.bin"\r' % url)
    host.wait('"FOTA","HTTPSTART"')
    host.wait('"UPDATING",20%')
    desk.send('p')
    desk.wait('power: 0 cut')
    desk.send('0')
    desk.wait('power: off')
    desk.send('p1')
    host.wait('"UPDATING", 100%')
    host.wait('Leaving the BROM')
    train(host)
    host.send('ATI\r')
    host.wait(NEW)
    desk.send('q')
    desk.run('expr', '1000', '+', '234')
    desk.wait('1234')


def main(hayeswire, program):
    if not shutil.which('tmux') or not shutil.which(program):
        return 77
    with tempfile.TemporaryDirectory(prefix='hayeswire-tmux-') as folder:
        server = os.path.join(folder, 'tmux')

        def tmux(*words):
            subprocess.run(['tmux', '-f', '/dev/null', '-S', server, *words], check=True,
                           env=dict(os.environ, PS1='$ ', TERM='xterm', HOME=folder))

        try:
            check(os.path.abspath(hayeswire), program, folder, tmux)
        finally:
            tmux('kill-server')
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
