#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The programs that people use, in tmux, against a sandbox:
test-terminals.py PATH-OF-HAYESWIRE picocom|tio|minicom|screen [DIALECT]

With picocom and tio a modem is upgraded, with a power cut in the middle; the other two draw a whole screen, and are
only looked at for AT and ATI. Exit status: 77 when tmux or the program is not there.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from desk import PEOPLE, rouse
from terminal import Stream

# What is typed in the pane. When a tty vanishes picocom ends with an error, and tio waits for it by itself.
OPEN = {
    'picocom': 'until picocom -b 115200 %s; do sleep 0.05; done',
    'tio': 'tio %s',
    'minicom': 'minicom -b 115200 -D %s',
    'screen': 'screen -S hayeswire %s 115200',
}


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


def start_sandbox(hayeswire, person, folder, tmux):
    files = os.path.join(folder, 'files')
    os.mkdir(files)
    person.make_package(hayeswire, files)
    desk = Pane(tmux, 'desk', folder)
    desk.run(hayeswire, 'sandbox', person.dialect, '--tty-link', os.path.join(folder, 'tty'), '--http', 'files', '--time',
             person.speed, *person.options)
    url = re.search(r'http://[\d.:]+/', desk.wait('http://') + desk.wait('/')).group()
    return desk, url


def open_tty(program, desk, folder, tmux):
    host = Pane(tmux, 'host', folder)
    host.send(OPEN[program] % shlex.quote(os.path.join(folder, 'tty')) + '\r')
    desk.wait('the tty is open')
    return host


def press(desk, keys, said):
    for key in keys:
        desk.send(key)
    desk.wait(said)


def end_sandbox(desk):
    desk.send('q')
    desk.run('expr', '1000', '+', '234')
    desk.wait('1234')


def check_upgrade(hayeswire, program, dialect, folder, tmux):
    person = PEOPLE[dialect]
    desk, url = start_sandbox(hayeswire, person, folder, tmux)
    host = open_tty(program, desk, folder, tmux)

    def restarted():
        desk.wait('power: flashing')
        desk.wait('power: on')

    person(host, url, lambda: press(desk, 'p0', 'power: off'), lambda: press(desk, 'p1', 'power: booting'),
           lambda: desk.wait('power: flashing'), restarted).upgrade()
    end_sandbox(desk)


def check_words(hayeswire, program, folder, tmux):
    """A program that draws its own screen: what the pane shows is looked at, not what was sent to it."""
    person = PEOPLE['bc26']
    desk, _ = start_sandbox(hayeswire, person, folder, tmux)
    host = open_tty(program, desk, folder, tmux)
    rouse(host, 'OK')
    host.send('ATI\r')
    host.wait(person.old)
    shown = subprocess.run(host.tmux.words + ['capture-pane', '-p', '-t', 'host'], capture_output=True, text=True,
                           check=True).stdout
    assert 'Quectel_BC26' in shown, shown
    end_sandbox(desk)


def main(hayeswire, program, dialect=None):
    if not shutil.which('tmux') or not shutil.which(program):
        return 77
    with tempfile.TemporaryDirectory(prefix='hayeswire-tmux-') as folder:
        server = os.path.join(folder, 'tmux')

        def tmux(*words):
            subprocess.run([*tmux.words, *words], check=True, cwd=folder,
                           env=dict(os.environ, PS1='$ ', TERM='xterm', HOME=folder, SCREENDIR=os.path.join(folder, 'screen')))

        tmux.words = ['tmux', '-f', '/dev/null', '-S', server]
        os.mkdir(os.path.join(folder, 'screen'), 0o700)
        try:
            if dialect:
                check_upgrade(os.path.abspath(hayeswire), program, dialect, folder, tmux)
            else:
                check_words(os.path.abspath(hayeswire), program, folder, tmux)
        finally:
            tmux('kill-server')
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
