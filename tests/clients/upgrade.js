// SPDX-License-Identifier: MIT
// An MT5700M host's upgrade, its power cut at 50 %, from Node, over the socket of `hayeswire serve`: upgrade.js SOCKET UPDATER
'use strict';
const {spawn} = require('child_process');
const assert = require('assert');
const net = require('net');

class Bench {
  constructor(path) {
    this.waiting = new Map();
    this.nextId = 1;
    this.rest = '';
    this.socket = net.createConnection(path);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text) => this.take(text));
  }

  take(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const line of lines) {
      const {id, result, error} = JSON.parse(line);
      const waiting = this.waiting.get(id);
      if (!waiting) continue; // the greeting, an event
      this.waiting.delete(id);
      if (error) waiting.reject(new Error(error.message));
      else waiting.resolve(result);
    }
  }

  call(method, params = {}) {
    const id = this.nextId++;
    this.socket.write(JSON.stringify({jsonrpc: '2.0', id, method, params}) + '\n');
    return new Promise((resolve, reject) => this.waiting.set(id, {resolve, reject}));
  }
}

async function main(path, updater) {
  const bench = new Bench(path);
  await bench.call('modem.open', {
    dialect: 'mt5700', firmware: '1.2.5.0(SP1C02)', flash_time: '10s', breakpoint_pages: 4,
  });
  await bench.call('http.serve');
  const made = await bench.call('package.make', {dialect: 'mt5700', to: '1.3.0.0(SP1C02)', size: '200k'});
  const {url} = await bench.call('http.publish_folder', {path: '/mt5700/', package: made.name});
  await bench.call('fault.add', {fault: 'download.body@50%=power_cut'});
  const host = spawn(updater, [await bench.call('modem.tty_link'), url], {
    env: {...process.env, HAYESWIRE_TIME_SCALE: '20'}, stdio: 'inherit',
  });
  const exit = new Promise((resolve) => host.on('exit', resolve));
  await bench.call('modem.wait_power', {state: 'off', within: '5m'});
  await bench.call('modem.power', {to: 'on', after: '3s'});
  await bench.call('modem.wait_fota', {state: 'suspended', within: '2m'});
  assert.strictEqual(await exit, 0);
  const requests = await bench.call('http.requests');
  assert.strictEqual(requests.pop().status, 206); // the rest of the package only
  assert.strictEqual((await bench.call('modem.get')).firmware, '1.3.0.0(SP1C02)');
  bench.socket.end();
}

main(process.argv[2], process.argv[3]).catch((error) => {
  console.error(error);
  process.exit(1);
});
