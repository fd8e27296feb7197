// SPDX-License-Identifier: MIT
// The panes at the right: each is a function of the model and the selected event.

const HEX_WIDTH = 16, HEX_ROWS_MAX = 512;

function table(head, rows, caption) {
  return Hw.h('table', {}, caption ? Hw.h('caption', {}, caption) : null,
    Hw.h('thead', {}, Hw.h('tr', {}, head.map(cell => Hw.h('th', { scope: 'col' }, cell)))),
    Hw.h('tbody', {}, rows.map(row => Hw.h('tr', {}, row.map(cell => Hw.h('td', {}, cell))))));
}

function timeLink(state, event, text) {
  return Hw.h('button', { type: 'button', class: 'link', onclick: () => state.select(event, true) }, text || '+' + Hw.clock(event.t));
}

const nothing = text => Hw.h('p', { class: 'empty' }, text);

const inRange = (state, from, to) => !state.range || (to >= state.range[0] && from <= state.range[1]);

const PANES = {};

PANES.Summary = function (model) {
  const data = model.data, rows = model.rows.filter(([label]) => label !== 'again');
  const facts = [
    ['place', Hw.text(data.file) + (data.line ? ':' + data.line : '')], ['seed', String(data.seed)],
    ['time', Hw.span(data.modem_us) + ' modem, ' + Hw.span(data.wall_us) + ' wall'],
    ['events', model.events.length.toLocaleString('en') + (data.dropped ? ' (' + data.dropped + ' older ones dropped)' : '')],
    ['made by', 'Hayeswire ' + data.version],
  ];
  const list = pairs => Hw.h('dl', {}, pairs.map(([label, text]) => [Hw.h('dt', {}, label), Hw.h('dd', {}, text)]));
  return [
    data.message ? Hw.h('p', { class: 'message' }, Hw.text(data.message)) : Hw.h('p', { class: 'message' }, data.outcome === 'pass' ? 'All that was expected came.' : ''),
    list(rows), data.again ? list([['again', Hw.text(data.again)]]) : null,
    data.notes.length ? list(data.notes.map(note => ['note', Hw.text(note)])) : null, Hw.h('hr', {}), list(facts),
  ];
};

PANES.Source = function (model) {
  const source = model.data.source;
  if (!source) return nothing(model.data.outcome === 'trace' ? 'This page was made from a trace by itself.' : 'The scenario could not be read when this page was made.');
  const waiting = source.line;
  const lines = Hw.text(source.text).replace(/\n$/, '').split('\n');
  return [
    Hw.h('p', { class: 'muted' }, Hw.text(source.file) + (waiting ? ', line ' + waiting : '')),
    Hw.h('div', { class: 'source' }, lines.map((line, i) => Hw.h('div', {
      class: 'line' + (i + 1 === waiting ? ' waiting ' + Hw.outcome(model.data.outcome).color : ''),
      'aria-current': i + 1 === waiting ? 'true' : false, id: i + 1 === waiting ? 'waiting' : false,
    }, Hw.h('span', { class: 'number' }, (i + 1 === waiting ? '▶ ' : '') + (i + 1)), Hw.h('code', {}, line || ' ')))),
  ];
};

PANES.Event = function (model, state) {
  const event = state.selected;
  if (!event) return nothing('Select an event: click a row or a lane, or press j.');
  const facts = [
    ['modem time', '+' + Hw.clock(event.t) + '  (' + (event.t / 1e6).toFixed(6) + ' s)'],
    ['wall time', '+' + Hw.clock(event.w)], ['who', event.who], ['kind', event.kind + '  ' + event.sign],
    ['length', event.size + ' bytes' + (event.size > event.data.length ? ', the first ' + event.data.length + ' are in this page' : '')],
  ];
  return [
    Hw.h('dl', {}, facts.map(([label, text]) => [Hw.h('dt', {}, label), Hw.h('dd', {}, text)])),
    Hw.h('pre', { class: 'full' }, Hw.visible(event.data).map(([text, isControl]) =>
      isControl ? Hw.controls(text).map(label => label.textContent === 'LF' ? [label, '\n'] : label) : text)),
    hexDump(event.data),
  ];
};

function hexDump(data) {
  const lines = [];
  for (let at = 0; at < data.length && lines.length < HEX_ROWS_MAX; at += HEX_WIDTH) {
    const bytes = [...data.slice(at, at + HEX_WIDTH)].map(c => c.charCodeAt(0));
    const hex = bytes.map(b => b.toString(16).padStart(2, '0')).join(' ').padEnd(HEX_WIDTH * 3 - 1);
    const text = bytes.map(b => b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '·').join('');
    lines.push(at.toString(16).padStart(4, '0') + '  ' + hex + '  ' + text);
  }
  return Hw.h('pre', { class: 'hex', 'aria-label': 'bytes' }, lines.join('\n') || '(no bytes)');
}

PANES.State = function (model, state) {
  const t = state.selected ? state.selected.t : model.end;
  const path = model.states.map(machine => [
    Hw.h('h3', {}, 'path of ' + machine.who + ' ' + machine.machine),
    Hw.h('ol', { class: 'path' }, machine.path.filter(part => inRange(state, part.from, part.to)).map(part =>
      Hw.h('li', { class: part.from <= t && t < part.to ? 'now' : '' }, Hw.h('b', {}, part.value), ' ',
        Hw.h('span', { class: 'muted' }, '+' + Hw.clock(part.from) + ', ' + Hw.span(part.to - part.from))))),
  ]);
  return [table(['who', 'what', 'at +' + Hw.clock(t)], stateAt(model, t)), path];
};

PANES.Host = function (model, state) {
  const output = model.output.filter(event => inRange(state, event.t, event.t));
  const starts = model.hosts.flatMap(host => host.boots.filter(boot => inRange(state, boot.from, boot.to))
    .map(boot => [host.who, timeLink(state, boot.event), Hw.text(boot.command), boot.end ? Hw.text(boot.end) : 'still running']));
  return [
    starts.length ? table(['host', 'start', 'command', 'end'], starts) : nothing('No host was started in this span.'),
    Hw.h('h3', {}, 'output'),
    output.length ? Hw.h('pre', { class: 'output' }, output.slice(0, 5000).map(event => [
      timeLink(state, event), event.kind === 'stderr' ? ' ² ' : ' ¹ ', Hw.plain(stripEnd(event.data)) + '\n'])) : nothing('It printed nothing.'),
    output.length ? Hw.h('p', { class: 'muted' }, '¹ standard output, ² standard error') : null,
  ];
};

PANES.HTTP = function (model, state) {
  const rows = model.requests.filter(request => inRange(state, request.from, request.to)).map(request => [
    request.who, timeLink(state, request.event), Hw.plain(request.what),
    request.isServer ? '' : (request.isBroken ? '✗ ' : '') + (Hw.text(request.end) || 'no end seen'),
    request.isServer ? '' : Hw.span(request.to - request.from)]);
  return rows.length ? table(['who', 'at', 'what', 'end', 'took'], rows) : nothing('No request in this span.');
};

PANES.Faults = function (model, state) {
  if (!model.faults.length) return nothing('No fault was armed.');
  return table(['', 'fault', 'fired', 'at'], model.faults.map(fault => [
    fault.fired ? '▲' : '△', Hw.h('code', {}, fault.text), fault.count,
    fault.fired ? timeLink(state, fault.event) : 'never']));
};

const ROWS_BEFORE = 5, COMPARE_ROWS_MAX = 400;

PANES.Compare = function (model, state) {
  const comparison = model.comparison;
  if (!comparison) return nothing('There is no fault-free run to compare with. A sweep records one; report convert takes one with --compare.');
  const cell = (entry, isHere) => entry
    ? [isHere ? timeLink(state, entry.event) : Hw.h('span', { class: 'muted' }, '+' + Hw.clock(entry.event.t)), ' ', entry.event.sign === '#' ? '>' : entry.event.sign, ' ',
      entry.text + (entry.times > 1 ? '  ×' + entry.times : '')] : '';
  const from = comparison.first < 0 ? 0 : Math.max(0, comparison.first - ROWS_BEFORE);
  const shown = comparison.rows.slice(from, from + COMPARE_ROWS_MAX);
  const rows = shown.map((row, i) => {
    const isFirst = from + i === comparison.first;
    return Hw.h('tr', { class: (comparison.isSame(row) ? 'same' : 'differs') + (isFirst ? ' first' : ''), id: isFirst ? 'first-difference' : false },
      Hw.h('td', {}, comparison.isSame(row) ? '=' : isFirst ? '≠' : row[0] ? '−' : '+'),
      Hw.h('td', {}, cell(row[0], false)), Hw.h('td', {}, cell(row[1], true)));
  });
  const after = comparison.rows.length - from - shown.length;
  return [
    Hw.h('p', { class: 'message' }, differenceText(comparison)),
    Hw.h('table', { class: 'compare' },
      Hw.h('caption', {}, 'Commands and URCs' + (from > 0 ? ' from row ' + (from + 1) : '') + ':  ≠ the first difference,  − only there,  + only here,  ×n said n times'),
      Hw.h('thead', {}, Hw.h('tr', {}, Hw.h('th', { class: 'mark' }), Hw.h('th', { scope: 'col' }, 'fault-free run'),
        Hw.h('th', { scope: 'col' }, 'this run'))), Hw.h('tbody', {}, rows)),
    after > 0 ? nothing('and ' + after.toLocaleString('en') + ' more rows') : null,
  ];
};

function differenceText(comparison) {
  const difference = comparison.difference;
  if (!difference) return 'Both runs took the same course.';
  const there = difference.there ? '“' + difference.there.text + '”' : 'nothing more';
  return difference.here
    ? 'The first difference is at +' + Hw.clock(difference.here.event.t) + ': “' + difference.here.text + '”, where the fault-free run has ' + there + '.'
    : 'This run ended before the fault-free run said ' + there + '.';
}
