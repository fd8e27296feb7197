# SPDX-License-Identifier: MIT
"""A headless Chromium on a pair of pipes, by its DevTools protocol: no port, no package.

Every request that is not for a local file or a data: address is remembered as an offence, as is every error that a page
reports, such as a breach of its own content security policy.
"""
import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
         '--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage', '--no-proxy-server',
         '--host-resolver-rules=MAP * ~NOTFOUND', '--hide-scrollbars', '--remote-debugging-pipe', '--window-size=1440,900']
LIMIT_S = 60
TABS_MAX = 60


def find():
    return shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix='hayeswire-browser-')
        to_read, self.to = os.pipe()
        self.fro, to_write = os.pipe()
        # The browser reads from 3 and writes to 4; the shell moves them there.
        script = 'exec 3<&%d 4>&%d; exec "$@"' % (to_read, to_write)
        self.process = subprocess.Popen(
            ['bash', '-c', script, 'browser', find(), *FLAGS, '--user-data-dir=' + self.profile, 'about:blank'],
            pass_fds=(to_read, to_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        self.pending, self.number, self.session = b'', 0, None
        self.offences, self.requests = [], []
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Network', 'Log'):
            self.call(domain + '.enable')

    def close(self):
        os.close(self.to)
        os.close(self.fro)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def read(self):
        while b'\0' not in self.pending:
            chunk = os.read(self.fro, 1 << 20)
            if not chunk:
                raise RuntimeError('the browser is gone')
            self.pending += chunk
        message, self.pending = self.pending.split(b'\0', 1)
        return json.loads(message)

    def notice(self, message):
        method, params = message.get('method'), message.get('params', {})
        if method == 'Network.requestWillBeSent':
            url = params['request']['url']
            self.requests.append(url)
            if not url.startswith(('file:', 'data:', 'about:', 'blob:')):
                self.offences.append('request for ' + url)
        elif method == 'Runtime.exceptionThrown':
            details = params['exceptionDetails']
            self.offences.append(details.get('exception', {}).get('description', details['text']))
        elif method == 'Log.entryAdded' and params['entry']['level'] == 'error':
            self.offences.append(params['entry']['text'])

    def call(self, method, **params):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.to, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.read()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError('%s: %s' % (method, answer['error']['message']))
                return answer['result']
            self.notice(answer)

    def eval(self, expression):
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            details = answer['exceptionDetails']
            raise RuntimeError(details.get('exception', {}).get('description', details['text']))
        return answer['result'].get('value')

    def wait(self, expression):
        """Until the page says so: its own frames pass between two questions."""
        end = time.monotonic() + LIMIT_S
        while not self.eval(expression):
            if time.monotonic() > end:
                raise RuntimeError('never true: ' + expression)
            self.eval('new Promise(resolve => setTimeout(resolve, 20))')

    def open(self, path, fragment=''):
        """Load a page; return the seconds until its viewer was ready."""
        self.call('Page.navigate', url='about:blank')
        begin = time.monotonic()
        self.call('Page.navigate', url='file://' + path + fragment)
        self.wait_ready()
        return time.monotonic() - begin

    def load(self, path):
        """The same, of a page whose script does not run."""
        self.call('Page.navigate', url='file://' + path)
        while True:
            message = self.read()
            self.notice(message)
            if message.get('method') == 'Page.loadEventFired':
                return

    def key(self, key):
        self.eval('dispatchEvent.call(document.activeElement || document.body, '
                  'new KeyboardEvent("keydown", {key: %s, bubbles: true, cancelable: true}))' % json.dumps(key))

    CODES = {'Tab': 9, 'Enter': 13, 'Escape': 27, 'ArrowLeft': 37, 'ArrowRight': 39, 'ArrowDown': 40, ' ': 32}

    def press(self, key, commands=()):
        """A key of the keyboard, with all that the browser itself does on it: focus moves, links and buttons are followed."""
        text = {'Enter': '\r'}.get(key, key if len(key) == 1 else None)
        more = {'text': text} if text else {}
        self.call('Input.dispatchKeyEvent', type='keyDown', key=key, windowsVirtualKeyCode=self.CODES.get(key, 0),
                  commands=list(commands), **more)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=key, windowsVirtualKeyCode=self.CODES.get(key, 0))

    def type(self, text):
        for key in text:
            self.press(key)

    def tab_to(self, condition):
        """Press Tab until the element that has the focus, `it`, fulfils the condition."""
        for _ in range(TABS_MAX):
            self.press('Tab')
            if self.eval('(it => %s)(document.activeElement)' % condition):
                return
        raise RuntimeError('the keyboard does not reach: ' + condition)

    def wait_ready(self):
        """Until the page that a link led to is shown."""
        self.wait("document.body && document.body.dataset.ready === 'yes'")

    def size(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)

    def mouse(self, kind, x, y):
        self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', buttons=1, clickCount=1)

    def drag(self, x0, x1, y):
        self.mouse('mousePressed', x0, y)
        self.mouse('mouseMoved', (x0 + x1) / 2, y)
        self.mouse('mouseMoved', x1, y)
        self.mouse('mouseReleased', x1, y)

    def dark(self, is_dark):
        self.call('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': 'dark' if is_dark else 'light'}])

    def script(self, is_on):
        self.call('Emulation.setScriptExecutionDisabled', value=not is_on)

    def screenshot(self):
        return base64.b64decode(self.call('Page.captureScreenshot')['data'])
