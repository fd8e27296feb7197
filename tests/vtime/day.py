# SPDX-License-Identifier: MIT
"""A day on pyserial: read time-outs, sleeps, and a thread that waits for an event."""
import sys
import threading
import time

import serial

port = serial.Serial(sys.argv[1], 115200, timeout=60)
end = time.monotonic() + 86400
stop = threading.Event()
ticks = 0


def tick():
    global ticks
    while not stop.wait(1800):
        ticks += 1


def say(*words):
    print('%.6f' % time.time(), *words, flush=True)


def command(text, limit_s=5.0):
    port.write(text.encode() + b'\r')
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        port.timeout = max(0, until - time.monotonic())
        line = port.readline().strip()
        if line in (b'OK', b'ERROR'):
            port.timeout = 60
            return say(text, line)
    return say(text, 'no answer')


threading.Thread(target=tick, daemon=True).start()
command('ATE0')
next_poll = time.monotonic()
while time.monotonic() < end:
    if time.monotonic() >= next_poll:
        next_poll += 900
        command('AT+CSQ')
        time.sleep(0.5)
    line = port.readline().strip()
    if line:
        say('URC', line)
stop.set()
say('end', ticks)
