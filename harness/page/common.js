// SPDX-License-Identifier: MIT
// What both pages use: elements, times, bytes that people can see, the data.

const Hw = {};

// An element. Text always goes in as text, never as markup: what a modem sent stays harmless.
Hw.h = function (tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  return element;
};

const toBytes = function (text) {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
};

// ---- the data: gzip in base64, a character for each byte ----

Hw.load = async function () {
  const bytes = toBytes(atob(document.getElementById('data').textContent.trim()));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
};

const utf8 = new TextDecoder('utf-8');
// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/, PRINTABLE = /^[\x20-\x7e]*$/, CONTROLS = /[\x00-\x1f\x7f]/g;

// Texts come as characters U+0000..U+00FF, one for each byte; most of them are UTF-8.
Hw.text = function (bytes) {
  if (bytes === null || bytes === undefined) return '';
  return ASCII.test(bytes) ? bytes : utf8.decode(toBytes(bytes));
};

const pictureOf = c => c === '\x7f' ? '\u2421' : String.fromCharCode(0x2400 + c.charCodeAt(0));
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

// Runs of [text, isControl]: control bytes as their pictures, bytes that are no UTF-8 as \xNN.
Hw.visible = function (bytes) {
  if (PRINTABLE.test(bytes)) return bytes === '' ? [] : [[bytes, false]];
  const runs = [];
  const add = (text, isControl) => {
    const last = runs[runs.length - 1];
    if (last && last[1] === isControl) last[0] += text;
    else runs.push([text, isControl]);
  };
  let text = bytes, isText = true;
  try {
    if (!ASCII.test(bytes)) text = strictUtf8.decode(toBytes(bytes));
  } catch {
    isText = false;
  }
  for (const c of text) {
    const code = c.codePointAt(0);
    if (code < 0x20 || code === 0x7f) add(pictureOf(c), true);
    else if (!isText && code >= 0x80) add('\\x' + code.toString(16).toUpperCase(), true);
    else if (code >= 0x80 && /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(c)) add('\\u{' + code.toString(16) + '}', true);
    else add(c, false);
  }
  return runs;
};

const CONTROL_NAMES = ['NUL', 'SOH', 'STX', 'ETX', 'EOT', 'ENQ', 'ACK', 'BEL', 'BS', 'TAB', 'LF', 'VT', 'FF', 'CR', 'SO', 'SI', 'DLE', 'DC1', 'DC2',
  'DC3', 'DC4', 'NAK', 'SYN', 'ETB', 'CAN', 'EM', 'SUB', 'ESC', 'FS', 'GS', 'RS', 'US'];

// A run of control bytes as small labels, for not every machine has a font with their pictures.
Hw.controls = text => Array.from(text.replace(/\\x../g, c => String.fromCharCode(parseInt(c.slice(2), 16)))).map(c => {
  const code = c.codePointAt(0);
  const name = code >= 0x2400 && code < 0x2420 ? CONTROL_NAMES[code - 0x2400] : code === 0x2421 ? 'DEL' : 'x' + code.toString(16).toUpperCase();
  return Hw.h('span', { class: 'control' }, name);
});

// The same as one text; most texts are ASCII, and 100,000 of them are searched.
Hw.plain = bytes => ASCII.test(bytes) ? bytes.replace(CONTROLS, pictureOf) : Hw.visible(bytes).map(run => run[0]).join('');

// ---- times ----

// 44180000 -> "00:44.180", as in transcripts.
Hw.clock = function (us) {
  const ms = Math.floor(us / 1000), pad = (n, width) => String(n).padStart(width, '0');
  const hours = Math.floor(ms / 3600000), minutes = Math.floor(ms / 60000) % 60;
  const text = pad(minutes, 2) + ':' + pad(Math.floor(ms / 1000) % 60, 2) + '.' + pad(ms % 1000, 3);
  return hours > 0 ? hours + ':' + text : text;
};

Hw.span = function (us) {
  const s = us / 1e6;
  if (s < 1e-3) return Math.round(us) + ' µs';
  if (s < 1) return (s * 1000).toFixed(s < 0.1 ? 1 : 0) + ' ms';
  if (s < 60) return s.toFixed(s < 10 ? 2 : 1) + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' m ' + String(Math.floor(s % 60)).padStart(2, '0') + ' s';
  return Math.floor(s / 3600) + ' h ' + String(Math.floor(s / 60) % 60).padStart(2, '0') + ' m';
};

// ---- small acts ----

Hw.copy = async function (text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Hw.h('textarea', { class: 'offscreen' });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  if (!button) return;
  const old = button.dataset.label || (button.dataset.label = button.textContent);
  button.textContent = '✓ copied';
  setTimeout(() => { button.textContent = old; }, 1500);
};

Hw.save = function (name, text) {
  const link = Hw.h('a', { download: name, href: URL.createObjectURL(new Blob([text])) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

Hw.outcomes = {
  pass: { sign: '✓', word: 'passed', color: 'pass' },
  FAIL: { sign: '✗', word: 'failed', color: 'fail' },
  INVALID: { sign: '‼', word: 'invalid', color: 'fail' },
  ERROR: { sign: '!', word: 'error', color: 'fail' },
  'NO HOST': { sign: '∅', word: 'no host', color: 'fail' },
  trace: { sign: '≡', word: 'trace', color: 'skip' },
  skip: { sign: '–', word: 'skipped', color: 'skip' },
  'not run': { sign: '·', word: 'not run', color: 'skip' },
  'not reached': { sign: '○', word: 'not reached', color: 'skip' },
};

Hw.outcome = name => Hw.outcomes[name] || { sign: '?', word: String(name), color: 'skip' };

Hw.badge = function (name) {
  const outcome = Hw.outcome(name);
  return Hw.h('span', { class: 'badge ' + outcome.color }, outcome.sign + ' ' + outcome.word);
};

// Colours live in the style sheet; a canvas asks for them by name.
Hw.color = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

Hw.themeButton = function (onchange) {
  const root = document.documentElement, dark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme || (dark.matches ? 'dark' : 'light')) === 'dark';
  dark.addEventListener('change', onchange);
  return Hw.h('button', {
    type: 'button', title: 'light or dark', 'aria-label': 'switch between light and dark',
    onclick() { root.dataset.theme = isDark() ? 'light' : 'dark'; onchange(); },
  }, '◐');
};

// The plain page is for readers without script; it makes room.
Hw.takeOver = function (app) {
  document.getElementById('plain').hidden = true;
  document.body.prepend(app);
  document.body.classList.add('live');
};

Hw.start = function (main) {
  Hw.load().then(main).then(() => { document.body.dataset.ready = 'yes'; }).catch(error => {
    document.body.dataset.ready = 'failed';
    document.body.prepend(Hw.h('p', { role: 'alert' }, 'The viewer failed (' + error.message + '); the plain page follows.'));
  });
};
