// SPDX-License-Identifier: MIT
// What happened, as the panes ask for it: events, power, states, progress, requests, hosts, faults.

const SIGNS = {
  rx: '>', tx: '<', cmd: '#', urc: '!', unhandled: '#', power: '#', state: '#', note: '#', progress: '#', fault: '*',
  http: '#', cloud: '#', host: '#', stdout: '|', stderr: '|',
};
const CLASSES = { '>': 'host', '<': 'modem', '!': 'urc', '*': 'fault', '#': 'sim', '|': 'output' };

// Columns to events; t and w come as differences.
function unpackEvents(columns, kinds) {
  const events = [];
  let t = 0, w = 0;
  for (let i = 0; i < columns.d.length; i++) {
    t += columns.t[i];
    w += columns.w[i];
    const kind = kinds[columns.k.charCodeAt(i) - 97];
    events.push({
      i, t, w, kind, sign: SIGNS[kind] || '#', who: Hw.text(columns.who[columns.p[i]]), data: columns.d[i],
      size: columns.x[i] || columns.d[i].length, gap: columns.g[i] || 0,
    });
  }
  return events;
}

const stripEnd = text => text.replace(/[\r\n]+$/, '');

// Whether an event says something that its neighbours do not say: see trace_is_news().
function isNews(events, i) {
  const event = events[i];
  if (event.kind === 'cmd' || event.kind === 'progress') return false;
  if (event.kind !== 'tx' || event.data === '') return true;
  let rest = stripEnd(event.data);
  for (let j = i - 1; rest !== '' && j >= 0; j--) {
    const urc = events[j];
    if (urc.kind !== 'urc' || urc.who !== event.who || !rest.endsWith(urc.data)) return true;
    rest = stripEnd(rest.slice(0, rest.length - urc.data.length));
  }
  return rest !== '';
}

// [{from, to, value}] of a value that stays until the next one.
function addInterval(list, t, value, end) {
  const last = list[list.length - 1];
  if (last) last.to = t;
  list.push({ from: t, to: end, value });
}

// "download 4096/65536" of a progress event, or the number in what a modem says of itself, such as
// +QIND: "FOTA","UPDATING",37%: of a modem that leaves no progress events that is all there is.
const SAID_SPAN = 15, SAID_POINTS = 4;
const SAID_HINT = /(download|updat|upgrad|flash|install|progress|percent|burn)\w*\W/i;

function recordedProgress(event) {
  const parts = /^(.*) (\d+)(?:\/(\d+))?$/.exec(event.data);
  return parts && { label: parts[1], done: Number(parts[2]), total: Number(parts[3] || 0) };
}

function saidProgress(event) {
  const text = stripEnd(event.data).trim();
  const parts = /^(.*?)(\d{1,3})\s*%/s.exec(text) || /^(.*[,: "=])(\d{1,3})"?$/s.exec(text);
  if (!parts || Number(parts[2]) > 100 || !SAID_HINT.test(parts[1])) return null;
  const words = parts[1].match(/[A-Za-z]{3,}/g);
  return { label: words[words.length - 1].toLowerCase(), done: Number(parts[2]), total: 100 };
}

function progressText(point) {
  return point.total === 100 ? point.done + ' %'
    : point.total ? Math.floor(point.value) + ' % (' + point.done.toLocaleString('en') + ' of ' + point.total.toLocaleString('en') + ')'
      : point.done.toLocaleString('en') + ' bytes';
}

// A curve for each text without its number; it breaks where it falls back, the power goes, or
// something else is asked for.
function curvesOf(events, kinds, parse) {
  const curves = new Map(), breaks = new Map();
  for (const event of events) {
    const isBreak = event.kind === 'power' ? !/^(on|flashing)$/.test(event.data) : event.kind === 'http' && /^[A-Z]+ /.test(event.data);
    if (isBreak) breaks.set(event.who, event.i);
    const progress = kinds.includes(event.kind) ? parse(event) : null;
    if (!progress) continue;
    const key = event.who + ' ' + progress.label;
    if (!curves.has(key)) curves.set(key, { who: event.who, label: progress.label, points: [], total: 0 });
    const curve = curves.get(key), last = curve.points[curve.points.length - 1];
    const isFresh = !last || progress.done < last.done || breaks.get(event.who) > last.i;
    curve.points.push({ t: event.t, done: progress.done, total: progress.total, isFresh, i: event.i });
  }
  for (const curve of curves.values()) {
    const most = curve.points.reduce((max, point) => Math.max(max, point.done), 1);
    for (const point of curve.points) point.value = Math.min(100, point.done * 100 / (point.total || most));
  }
  return [...curves.values()];
}

function findCurves(events) {
  const recorded = curvesOf(events, ['progress'], recordedProgress);
  const said = curvesOf(events, ['urc', 'note'], saidProgress).filter(curve => {
    const values = curve.points.map(point => point.value);
    return !recorded.some(one => one.who === curve.who.split('.')[0]) && values.length >= SAID_POINTS &&
      Math.max(...values) - Math.min(...values) >= SAID_SPAN;
  });
  return recorded.concat(said);
}

// A modem's request from its GET to its last word; the server's own records are its answers.
function findRequests(events, end) {
  const requests = [], open = new Map();
  for (const event of events) {
    if (event.kind !== 'http') continue;
    const method = /^([A-Z]+) (\S+)(.*)$/s.exec(event.data);
    const request = open.get(event.who);
    if (method && method[3].includes('->')) {
      requests.push({ from: event.t, to: event.t, who: event.who, what: event.data, end: '', isServer: true, event });
    } else if (method) {
      const fresh = { from: event.t, to: end, who: event.who, what: event.data, end: '', isServer: false, event };
      requests.push(fresh);
      open.set(event.who, fresh);
    } else if (request) {
      request.end += (request.end ? '; ' : '') + event.data;
      request.to = event.t;
      request.isBroken = !/^(\d|complete)/.test(event.data) || /^[45]\d\d/.test(event.data);
    } else {
      requests.push({ from: event.t, to: event.t, who: event.who, what: event.data, end: '', isServer: true, event });
    }
  }
  return requests;
}

function findHosts(events, end) {
  const hosts = new Map();
  for (const event of events) {
    if (event.kind !== 'host') continue;
    if (!hosts.has(event.who)) hosts.set(event.who, { who: event.who, boots: [] });
    const boots = hosts.get(event.who).boots, last = boots[boots.length - 1];
    if (/^started/.test(event.data)) boots.push({ from: event.t, to: end, command: event.data, end: '', event });
    else if (last && /^(exited|killed)/.test(event.data)) Object.assign(last, { to: event.t, end: event.data });
  }
  return [...hosts.values()];
}

// What fired stands in the trace; what did not fire stands in the verdict's rows only.
function findFaults(events, rows) {
  const faults = [];
  for (const event of events) {
    if (event.kind !== 'fault') continue;
    const parts = /^(.*?) \((fired .*)\)$/s.exec(event.data) || [null, event.data, 'fired'];
    faults.push({ text: Hw.text(parts[1]), count: parts[2], fired: true, t: event.t, event, who: event.who });
  }
  for (const [label, text] of rows) {
    if (label !== 'faults') continue;
    for (const line of Hw.text(text).split('\n')) {
      const parts = /^\s*(.*?)\s{2,}never fired/.exec(line);
      if (parts) faults.push({ text: parts[1], count: 'never fired', fired: false, t: null });
    }
  }
  return faults;
}

function findPower(events, end) {
  const modems = new Map();
  for (const event of events) {
    if (event.kind !== 'power') continue;
    if (!modems.has(event.who)) modems.set(event.who, [{ from: 0, to: event.t, value: 'off' }]);
    addInterval(modems.get(event.who), event.t, event.data, end);
  }
  return modems;
}

// "fota downloading": the machine and the state that it enters.
function findStates(events, end) {
  const machines = new Map();
  for (const event of events) {
    if (event.kind !== 'state') continue;
    const text = Hw.text(event.data), cut = text.indexOf(' ');
    const machine = cut < 0 ? 'state' : text.slice(0, cut), key = event.who + ' ' + machine;
    if (!machines.has(key)) machines.set(key, { who: event.who, machine, path: [] });
    addInterval(machines.get(key).path, event.t, text.slice(cut + 1), end);
  }
  return [...machines.values()];
}

function makeModel(data) {
  const events = unpackEvents(data.events, data.kinds);
  const last = events.length ? events[events.length - 1].t : 0;
  const end = Math.max(data.modem_us || 0, last, 1);
  events.forEach((event, i) => { event.isNews = isNews(events, i); });
  const model = {
    data, events, end,
    rows: data.rows.map(([label, text]) => [Hw.text(label), Hw.text(text)]),
    ports: [...new Set(events.filter(e => 'rx tx urc cmd unhandled'.includes(e.kind)).map(e => e.who))],
    power: findPower(events, end),
    states: findStates(events, end),
    curves: findCurves(events),
    requests: findRequests(events, end),
    hosts: findHosts(events, end),
    faults: findFaults(events, data.rows),
    reference: data.reference ? unpackEvents(data.reference, data.kinds) : null,
    output: events.filter(e => e.sign === '|'),
  };
  model.comparison = model.reference ? compareRuns(model.reference, events) : null;
  return model;
}

// ---- the comparison with the fault-free run ----

const COMPARE_CELLS_MAX = 4e6;

function courseOf(events) {
  const course = [];
  for (const event of events) {
    if (event.kind !== 'cmd' && event.kind !== 'urc') continue;
    const text = Hw.plain(event.data).replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
    const key = event.kind + ' ' + event.who + ' ' + text, last = course[course.length - 1];
    // A poll more or less is no difference.
    if (last && last.key === key) last.times++;
    else course.push({ key, text, event, times: 1 });
  }
  return course;
}

// Rows of [there, here], one of them null where only one run has it.
function alignCourses(there, here) {
  const rows = [];
  let start = 0, endThere = there.length, endHere = here.length;
  while (start < endThere && start < endHere && there[start].key === here[start].key) {
    rows.push([there[start], here[start]]);
    start++;
  }
  const tail = [];
  while (endThere > start && endHere > start && there[endThere - 1].key === here[endHere - 1].key)
    tail.unshift([there[--endThere], here[--endHere]]);
  const n = endThere - start, m = endHere - start;
  if (n * m > COMPARE_CELLS_MAX) {
    for (let i = 0; i < Math.max(n, m); i++)
      rows.push([i < n ? there[start + i] : null, i < m ? here[start + i] : null]);
    return rows.concat(tail);
  }
  const best = Array.from({ length: n + 1 }, () => new Uint16Array(m + 1));
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      best[i][j] = there[start + i].key === here[start + j].key
        ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
    }
  }
  for (let i = 0, j = 0; i < n || j < m;) {
    if (i < n && j < m && there[start + i].key === here[start + j].key)
      rows.push([there[start + i++], here[start + j++]]);
    else if (j >= m || (i < n && best[i + 1][j] >= best[i][j + 1])) rows.push([there[start + i++], null]);
    else rows.push([null, here[start + j++]]);
  }
  return rows.concat(tail);
}

// Where this run leaves the other one's course, speaker by speaker and sort by sort: two speakers
// whose words fall differently into each other differ in nothing. See harness/difference.c.
function firstDifference(there, here) {
  const next = new Map(), said = new Map();
  const sortOf = event => event.kind + ' ' + event.who;
  const expected = sort => {
    let i = next.get(sort) || 0;
    while (i < there.length && (sortOf(there[i].event) !== sort || there[i].key === said.get(sort))) i++;
    next.set(sort, i + 1);
    return there[i];
  };
  for (const entry of here) {
    const sort = sortOf(entry.event);
    if (said.get(sort) === entry.key) continue;
    const wanted = expected(sort);
    if (!wanted || wanted.key !== entry.key) return { here: entry, there: wanted || null };
    said.set(sort, entry.key);
  }
  const missing = [...said.keys()].map(expected).filter(Boolean).sort((a, b) => a.event.t - b.event.t)[0];
  return missing ? { here: null, there: missing } : null;
}

// The rows are matched before and behind the first difference, which is a row of its own.
function compareRuns(reference, events) {
  const there = courseOf(reference), here = courseOf(events), difference = firstDifference(there, here);
  const isSame = row => row[0] && row[1] && row[0].key === row[1].key;
  if (!difference) return { rows: alignCourses(there, here), first: -1, isSame, difference, t: null };
  const cut = (list, entry) => entry ? list.indexOf(entry) : list.length;
  const a = cut(there, difference.there), b = cut(here, difference.here);
  const before = alignCourses(there.slice(0, a), here.slice(0, b));
  return {
    rows: [...before, [there[a] || null, here[b] || null], ...alignCourses(there.slice(a + 1), here.slice(b + 1))],
    first: before.length, isSame, difference,
    t: (difference.here || here[here.length - 1] || difference.there).event.t,
  };
}

// The state of everything at a moment.
function stateAt(model, t) {
  const at = list => (list.find(part => part.from <= t && t < part.to) || list[list.length - 1] || {}).value;
  const rows = [];
  for (const [who, list] of model.power) rows.push([who, 'power', at(list)]);
  for (const machine of model.states)
    rows.push([machine.who, machine.machine, machine.path[0].from <= t ? at(machine.path) : 'not begun']);
  for (const curve of model.curves) {
    const point = curve.points.filter(p => p.t <= t).pop();
    if (point) rows.push([curve.who, curve.label, progressText(point)]);
  }
  for (const host of model.hosts) {
    const boot = host.boots.findIndex(b => b.from <= t && t < b.to);
    rows.push([host.who, 'process', boot >= 0 ? 'running, start ' + (boot + 1) : 'not running']);
  }
  const tty = model.events.filter(e => e.t <= t && e.kind === 'note' && /^the ttys? (is|vanish)/.test(e.data)).pop();
  if (tty) rows.push([tty.who, 'tty', Hw.text(tty.data)]);
  const fired = model.faults.filter(f => f.fired && f.t <= t).length;
  if (model.faults.length) rows.push(['faults', 'fired so far', fired + ' of ' + model.faults.length]);
  return rows;
}
