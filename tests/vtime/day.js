// SPDX-License-Identifier: MIT
// A day on Node: a tty stream and timers of the event loop.
const fs = require('fs');
const tty = require('tty');

const path = process.argv[2];
const flags = fs.constants.O_RDWR | fs.constants.O_NOCTTY;
const out = fs.openSync(path, flags);
const stream = new tty.ReadStream(fs.openSync(path, flags | fs.constants.O_NONBLOCK));
let buffer = '';
let waiting = null;

const say = (...words) => fs.writeSync(1, new Date().toISOString() + ' ' + words.join(' ') + '\n');
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function take(line) {
  if (waiting && (line === 'OK' || line === 'ERROR')) {
    clearTimeout(waiting.timer);
    const { done } = waiting;
    waiting = null;
    done(line);
  } else if (line) {
    say('<', line);
  }
}

stream.setRawMode(true);
stream.on('data', (bytes) => {
  buffer += bytes.toString('latin1');
  for (let end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n')) {
    const line = buffer.slice(0, end).trim();
    buffer = buffer.slice(end + 1);
    take(line);
  }
});

function command(text, ms) {
  return new Promise((done) => {
    const timer = setTimeout(() => { waiting = null; done('no answer'); }, ms);
    waiting = { timer, done };
    fs.writeSync(out, text + '\r');
  });
}

(async () => {
  const end = Date.now() + 86400000;
  say('ATE0', await command('ATE0', 5000));
  while (Date.now() < end) {
    say('AT+CSQ', await command('AT+CSQ', 5000));
    await sleep(900000);
  }
  say('end');
  process.exit(0);
})();
