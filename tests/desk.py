# SPDX-License-Identifier: MIT
"""A person at the desk: each dialect's upgrade typed by hand, with a power cut in the middle of it.

What is typed at is a terminal.Stream; what the keys of the sandbox are is the caller's business.
"""
import os
import re
import subprocess

from terminal import Stream


def rouse(screen, answer='OK\r'):
    """AT until it is answered."""
    for _ in range(200):
        screen.send('AT\r')
        try:
            screen.wait(answer, 0.2)
            return
        except AssertionError:
            pass
    raise AssertionError('AT is not answered: ' + screen.all[-4000:])


class Person:
    """cut, on: take the power away and give it back; gone: wait until the tty is gone; back: until the modem, which
    restarts by itself, is on again."""

    # Versions, the sandbox's options, and how ATI tells the versions.
    old = new = None
    options = []
    told = property(lambda self: (self.old, self.new))

    speed = 'x20'

    def __init__(self, screen, url, cut, on, gone, back):
        self.screen, self.url = screen, url
        self.cut, self.on, self.gone, self.back = cut, on, gone, back

    @classmethod
    def make_package(cls, hayeswire, folder):
        """The package in the folder that the sandbox serves."""
        subprocess.run([hayeswire, 'package', 'make', '--dialect', cls.dialect, '--from', cls.old, '--to', cls.new,
                        '--size', '60k', '-o', os.path.join(folder, cls.package)], check=True,
                       stdout=subprocess.DEVNULL)

    def tell(self, command, wanted='OK\r'):
        self.screen.send(command + '\r')
        return self.screen.wait(wanted)

    def attach(self):
        while '+CGATT: 1' not in self.tell('AT+CGATT?'):
            pass

    def check_version(self, version):
        rouse(self.screen)
        assert version in self.tell('ATI'), self.screen.all[-2000:]

    def restart(self):
        self.cut()
        self.on()
        rouse(self.screen)

    def upgrade(self):
        self.check_version(self.told[0])
        self.play()
        self.check_version(self.told[1])


class Bc26(Person):
    dialect, package = 'bc26', 'update.bin'
    old, new = 'BC26NBR01A05', 'BC26NBR01A06'
    options = ['-o', 'firmware=' + old, '-o', 'update_time=20s', '-o', 'download_rate=64k']

    def play(self):
        self.screen.send('AT+QFOTADL="%supdate.bin"\r' % self.url)
        self.screen.wait('"FOTA","HTTPSTART"')
        self.screen.wait('"UPDATING",20%')
        self.cut()
        self.on()  # the loader goes on by itself
        self.screen.wait('"UPDATING", 100%')
        self.screen.wait('Leaving the BROM')


class Air720(Person):
    dialect, package = 'air720', 'update.bin'
    old, new = 'AirM2M_720_V422_LTE_AT', 'AirM2M_720_V9999_LTE_AT'
    options = ['-o', 'flash_time=10s']

    def start(self):
        self.tell('AT+UPGRADE="AUTO",0')
        self.tell('AT+UPGRADE="URL","%supdate.bin"' % self.url)
        self.attach()
        self.tell('AT+UPGRADE')

    def play(self):
        self.start()
        self.screen.wait('+UPGRADEIND: 50')
        self.restart()
        assert '+UPGRADE: 0' in self.tell('AT+UPGRADE?')
        self.start()
        self.screen.wait('+UPGRADEIND: 100')
        self.back()  # it finds its rate anew when it restarts, and says nothing before
        while '+UPGRADEVER: ' not in self.screen.all:
            rouse(self.screen)


class Mt5700(Person):
    dialect, package = 'mt5700', ''
    old, new = '1.2.5.0(SP1C02)', '1.3.0.0(SP1C02)'
    options = ['-o', 'firmware=' + old, '-o', 'flash_time=60s']
    told = ('V200R001C20B025', 'V200R001C20B030')

    def play(self):
        self.tell('AT^FOTAMODE=0,1,0,1')
        self.attach()
        self.tell('AT^FOTAOEMDL="%s"' % self.url)
        self.screen.wait('^FOTASTATE: 12,')
        self.screen.wait('^FOTASTATE: 40')
        self.tell('AT^FWUP', '^FOTASTATE: 50')
        self.gone()
        self.cut()
        self.on()  # the loader goes on by itself


class M531x(Person):
    """The module carries the software of its host, which this person plays: each question has its answer."""

    dialect, package = 'm531x', 'update.bin'
    old, new = 'test0', 'test000'
    options = ['--offer', 'files/update.bin']
    told = ('M5311', 'M5311')
    speed = 'x5'  # the platform gives its questions 2 s

    def line(self):
        return self.screen.wait('\n').strip('\r\n')

    def tell(self, command, wanted=('OK', 'ERROR')):
        """What the platform asks meanwhile is kept. A module that was cut off has erased already, and says ERROR."""
        self.screen.send(command + '\r')
        text = line = ''
        while line not in wanted:
            line = self.line()
            text += line + '\n'
            self.take(line)
        return text

    def take(self, line):
        question = re.match(r'\+MIPL(READ|WRITE|EXECUTE):0,(\d+),(.*)', line)
        if question:
            self.questions.append(question.groups())

    def register(self):
        self.questions = []
        for command in ('AT+MIPLCREATE', 'AT+MIPLSOTAVER="%s"' % self.version, 'AT+MIPLOPEN=0,3600,30'):
            self.tell(command)
        while '+MIPLEVENT:0,6' not in self.line():
            pass

    def answer(self, mid, *values):
        """Values of resources, the last of which ends the answer."""
        for index, (resource, kind, value) in enumerate(values):
            path = '5,0,%d' % resource if resource not in (19, 9, 26261) else '3,0,%d' % resource
            left = len(values) - 1 - index
            flag = 0 if left == 0 else 1 if index == 0 else 2
            self.tell('AT+MIPLREADRSP=0,%s,1,%s,%d,%d,"%s",%d,%d' % (mid, path, kind, len(value), value, left, flag))

    def serve(self, blocks):
        """Answer until so many blocks have come; all of them: until the platform is content."""
        readings = {'3,0,26261': [(26261, 3, '256')], '3,0,9': [(9, 3, '100')],
                    '5,0,-1': [(3, 3, '0'), (5, 3, '0'), (26500, 3, '0')]}
        while True:
            while not self.questions:
                self.take(self.line())
            kind, mid, what = self.questions.pop(0)
            if kind == 'READ':
                readings['3,0,19'] = [(19, 1, self.version)]
                self.answer(mid, *readings[what])
            elif kind == 'EXECUTE' and what.startswith('5,0,26501'):
                self.tell('AT+MIPLSOTA=3')
            elif kind == 'EXECUTE':
                self.tell('AT+MIPLEXECUTERSP=0,%s,2' % mid)
                if what.startswith('5,0,2,'):
                    self.version = self.new
                    self.tell('AT+MIPLUPDATE=0,0,0')
            elif kind == 'WRITE' and what.endswith(',0,,0'):
                self.tell('AT+MIPLWRITERSP=0,%s,2' % mid)
                return
            elif kind == 'WRITE':
                blocks -= 1
                if blocks == 0:
                    return
                self.tell('AT+MIPLSOTA=1')

    def play(self):
        self.version = self.old
        self.register()
        self.serve(3)
        self.restart()
        self.register()
        self.serve(10 ** 6)
        assert self.version == self.new


PEOPLE = {person.dialect: person for person in (Bc26, Air720, Mt5700, M531x)}
