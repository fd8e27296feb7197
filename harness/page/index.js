// SPDX-License-Identifier: MIT
// The page of a run or a sweep: figures, causes, a map of the points by outcome, the table.

const LETTERS = { p: 'pass', f: 'FAIL', i: 'INVALID', e: 'ERROR', h: 'NO HOST', s: 'skip', r: 'not reached', n: 'not run' };
const TABLE_STEP = 200, CELL_LARGE = 15, CELL_SMALL = 8, CELLS_LARGE_MAX = 4000;

function makeCases(data) {
  const columns = data.cases, cases = [];
  const files = columns.files.map(Hw.text), titles = columns.titles.map(Hw.text);
  for (let i = 0; i < columns.o.length; i++) {
    const faults = Hw.text(columns.x[i]);
    cases.push({
      i, outcome: LETTERS[columns.o[i]], wall: columns.w[i] * 1000, modem: columns.m[i] * 1000, cause: columns.c[i],
      file: files[columns.f[i]], line: columns.l[i], title: titles[columns.n[i]], faults,
      point: faults ? /^[^@#/~*=]*/.exec(faults)[0] : '', page: columns.p[i] === undefined ? null : Hw.text(columns.p[i]),
    });
  }
  return cases;
}

class Index {
  constructor(data) {
    this.data = data;
    this.cases = makeCases(data);
    this.isSweep = this.cases.some(item => item.faults);
    this.outcomes = new Set();
    this.cause = null;
    this.point = null;
    this.query = '';
    this.limit = TABLE_STEP;
    this.canvases = [];
    this.counts = {};
    for (const item of this.cases) this.counts[item.outcome] = (this.counts[item.outcome] || 0) + 1;
    Hw.takeOver(Hw.h('div', { class: 'app index' }, this.header(), this.figures(), this.causes(), this.isSweep ? this.map() : null, this.table()));
    this.refresh();
    new ResizeObserver(() => this.drawMap()).observe(document.body);
    addEventListener('keydown', e => this.onKey(e));
  }

  header() {
    const titles = [...new Set(this.cases.map(item => item.title))], bad = this.cases.filter(item => Hw.outcome(item.outcome).color === 'fail').length;
    const title = this.isSweep ? 'Sweep: ' + (titles.length === 1 ? titles[0] : titles.length + ' scenarios') : 'Run of ' + this.cases.length + ' scenarios';
    return Hw.h('header', {}, Hw.h('div', { class: 'heading' }, Hw.badge(bad ? 'FAIL' : 'pass'), Hw.h('h1', {}, title)),
      Hw.h('div', { class: 'chips' }, this.isSweep && titles.length === 1 ? Hw.h('span', {}, this.cases[0].file + ':' + this.cases[0].line) : null,
        this.data.interrupted ? Hw.h('span', { class: 'bad' }, 'interrupted by signal ' + this.data.interrupted) : null,
        Hw.h('span', {}, 'Hayeswire ' + this.data.version)),
      Hw.h('div', { class: 'actions' }, Hw.themeButton(() => this.drawMap())));
  }

  figures() {
    const ran = this.cases.filter(item => item.outcome !== 'not run').length, s = this.data.wall_us / 1e6;
    const figure = (value, word, color) => Hw.h('div', { class: 'figure ' + (color || '') }, Hw.h('b', {}, value), Hw.h('span', {}, word));
    const kinds = Object.entries(this.counts).sort((a, b) => b[1] - a[1])
      .map(([name, count]) => figure(count.toLocaleString('en'), Hw.outcome(name).sign + ' ' + Hw.outcome(name).word, Hw.outcome(name).color));
    return Hw.h('section', { class: 'figures', 'aria-label': 'figures' }, figure(this.cases.length.toLocaleString('en'), this.isSweep ? 'trials' : 'scenarios'), kinds,
      figure(Hw.span(this.data.wall_us), 'wall time'), s > 0 ? figure((ran / s).toFixed(1), (this.isSweep ? 'trials' : 'scenarios') + ' per second') : null,
      figure(Hw.span(this.cases.reduce((sum, item) => sum + item.modem, 0)), 'modem time'));
  }

  causes() {
    const causes = this.data.causes;
    if (!causes.length) return null;
    return Hw.h('section', { class: 'card', 'aria-label': 'causes' }, Hw.h('h2', {}, causes.length + (causes.length === 1 ? ' cause' : ' causes')),
      causes.map((cause, i) => {
        const first = this.cases[cause.first], again = Hw.text(cause.again);
        return Hw.h('details', { class: 'cause', open: i === 0 && causes.length < 4 },
          Hw.h('summary', {}, Hw.h('b', { class: 'times' }, '✗ ' + cause.count + '×'), ' ', Hw.text(cause.message) || '(no message)'),
          Hw.h('div', { class: 'actions' },
            first.page ? Hw.h('a', { class: 'open-page', href: encodeURIComponent(first.page) + '.html' }, 'Open the page of the first') : null,
            Hw.h('button', { type: 'button', class: 'small', onclick: () => { this.cause = i; this.refresh(); this.tableBox.scrollIntoView(); } }, 'Show its ' + cause.count + ' in the table'),
            again ? Hw.h('button', { type: 'button', class: 'small', onclick: e => Hw.copy(again, e.currentTarget) }, 'Copy command to run again') : null),
          Hw.h('pre', {}, (first.faults ? 'at  ' + first.faults + '\n' : '') + Hw.text(cause.text)));
      }));
  }

  // ---- the map: a row for each point, a cell for each trial ----

  map() {
    const points = new Map();
    for (const item of this.cases) {
      if (!points.has(item.point)) points.set(item.point, []);
      points.get(item.point).push(item);
    }
    this.cell = this.cases.length > CELLS_LARGE_MAX ? CELL_SMALL : CELL_LARGE;
    this.tip = Hw.h('div', { class: 'tip', hidden: true });
    const rows = [...points].map(([point, items]) => {
      const bad = items.filter(item => Hw.outcome(item.outcome).color === 'fail').length;
      const canvas = Hw.h('canvas', {
        role: 'img', 'aria-label': point + ': ' + items.length + ' trials, ' + bad + ' failed',
        onpointermove: e => this.showTip(e, items, canvas), onpointerleave: () => { this.tip.hidden = true; },
        onclick: e => this.open(this.itemAt(e, items, canvas)),
      });
      this.canvases.push({ canvas, items });
      return Hw.h('div', { class: 'map-row' }, Hw.h('button', {
        type: 'button', class: 'link', 'aria-pressed': 'false', 'data-point': point,
        onclick: () => { this.point = this.point === point ? null : point; this.refresh(); },
      }, point), Hw.h('span', { class: bad ? 'bad' : 'muted' }, (bad ? '✗ ' + bad + ' of ' : '✓ ') + items.length), canvas);
    });
    const legend = ['pass', 'FAIL', 'not reached', 'ERROR', 'not run'].filter(name => this.counts[name]).map(name => {
      const canvas = Hw.h('canvas', { class: 'legend-cell', 'aria-hidden': 'true' });
      this.canvases.push({ canvas, items: [{ outcome: name }], isLegend: true });
      return Hw.h('span', { class: 'legend' }, canvas, Hw.outcome(name).word);
    });
    return Hw.h('section', { class: 'card map', 'aria-label': 'points by outcome' }, Hw.h('h2', {}, 'Points by outcome'),
      Hw.h('div', { class: 'legends' }, legend, Hw.h('span', { class: 'muted' }, 'a cell is one trial, in the order of the hits')), Hw.h('div', { class: 'map-rows' }, rows), this.tip);
  }

  drawMap() {
    this.colors = Object.fromEntries(['power-on', 'fail', 'skip-soft', 'card', 'skip'].map(name => [name, Hw.color(name)]));
    for (const { canvas, items, isLegend } of this.canvases) {
      const ratio = devicePixelRatio || 1, cell = isLegend ? CELL_LARGE : this.cell;
      const width = isLegend ? cell : canvas.parentElement.clientWidth - canvas.offsetLeft + canvas.parentElement.offsetLeft;
      const columns = isLegend ? 1 : Math.max(1, Math.floor(width / cell)), height = Math.ceil(items.length / columns) * cell;
      canvas.columns = columns;
      Object.assign(canvas.style, { width: columns * cell + 'px', height: height + 'px' });
      canvas.width = columns * cell * ratio;
      canvas.height = height * ratio;
      const c = canvas.getContext('2d');
      c.scale(ratio, ratio);
      items.forEach((item, i) => this.drawCell(c, item, i % columns * cell, Math.floor(i / columns) * cell, cell - (cell > 10 ? 2 : 1)));
    }
  }

  // Form and colour: a filled square passed, a cross failed, a ring was not reached.
  drawCell(c, item, x, y, size) {
    const color = Hw.outcome(item.outcome).color;
    const isDim = item.i !== undefined && !this.matches(item);
    c.globalAlpha = isDim ? 0.2 : 1;
    c.fillStyle = this.colors[color === 'pass' ? 'power-on' : color === 'fail' ? 'fail' : 'skip-soft'];
    c.strokeStyle = this.colors[color === 'fail' ? 'card' : 'skip'];
    c.lineWidth = size > 10 ? 2 : 1;
    if (item.outcome === 'not reached' || item.outcome === 'skip' || item.outcome === 'not run') {
      c.beginPath();
      c.arc(x + size / 2, y + size / 2, size / 2 - 1.5, 0, 7);
      if (item.outcome !== 'not run') c.stroke();
      else c.fill();
    } else {
      c.fillRect(x, y, size, size);
    }
    if (color === 'fail') {
      const inset = size * 0.26;
      c.beginPath();
      c.moveTo(x + inset, y + inset);
      c.lineTo(x + size - inset, y + size - inset);
      if (item.outcome === 'FAIL') {
        c.moveTo(x + size - inset, y + inset);
        c.lineTo(x + inset, y + size - inset);
      }
      c.stroke();
    }
    c.globalAlpha = 1;
  }

  itemAt(e, items, canvas) {
    const column = Math.floor(e.offsetX / this.cell);
    return column < canvas.columns ? items[Math.floor(e.offsetY / this.cell) * canvas.columns + column] : undefined;
  }

  showTip(e, items, canvas) {
    const item = this.itemAt(e, items, canvas);
    this.tip.hidden = !item;
    if (!item) return;
    this.tip.textContent = Hw.outcome(item.outcome).sign + ' ' + Hw.outcome(item.outcome).word + '  ' + item.faults +
      (item.cause >= 0 ? '\n' + Hw.text(this.data.causes[item.cause].message) : '');
    this.tip.style.left = Math.min(e.clientX + 12, innerWidth - 420) + 'px';
    this.tip.style.top = e.clientY + 16 + 'px';
  }

  open(item) {
    if (!item) return;
    if (item.page) {
      location.href = encodeURIComponent(item.page) + '.html';
      return;
    }
    this.cause = item.cause >= 0 ? item.cause : null;
    this.point = item.point;
    this.refresh();
  }

  // ---- the table ----

  table() {
    this.search = Hw.h('input', { type: 'search', placeholder: 'search  ( / )', 'aria-label': 'search in the table', oninput: () => { this.query = this.search.value.toLowerCase(); this.refresh(); } });
    const boxes = Object.keys(this.counts).map(name => Hw.h('label', { class: 'filter' }, Hw.h('input', {
      type: 'checkbox', 'data-outcome': name, onchange: e => { this.outcomes[e.target.checked ? 'add' : 'delete'](name); this.refresh(); },
    }), ' ' + Hw.outcome(name).sign + ' ' + Hw.outcome(name).word));
    this.status = Hw.h('output', { role: 'status', class: 'muted' });
    this.clear = Hw.h('button', { type: 'button', class: 'small', onclick: () => this.clearAll() }, 'clear ( Esc )');
    this.body = Hw.h('tbody', {});
    this.more = Hw.h('button', { type: 'button', onclick: () => { this.limit += TABLE_STEP * 5; this.refresh(); } }, 'show more');
    const head = this.isSweep ? ['', 'fault', 'why', 'modem', 'wall'] : ['', 'scenario', 'place', 'modem', 'wall'];
    this.tableBox = Hw.h('section', { class: 'card', 'aria-label': 'all of them' }, Hw.h('div', { class: 'toolbar' }, this.search, boxes, this.clear, this.status),
      Hw.h('table', {}, Hw.h('thead', {}, Hw.h('tr', {}, head.map(cell => Hw.h('th', { scope: 'col' }, cell)))), this.body), this.more);
    return this.tableBox;
  }

  matches(item) {
    return (this.outcomes.size === 0 || this.outcomes.has(item.outcome)) && (this.cause === null || item.cause === this.cause) &&
      (this.point === null || item.point === this.point) &&
      (!this.query || (item.title + ' ' + item.faults + ' ' + item.file).toLowerCase().includes(this.query));
  }

  clearAll() {
    this.outcomes.clear();
    this.cause = this.point = null;
    this.query = this.search.value = '';
    this.tableBox.querySelectorAll('input[type=checkbox]').forEach(box => { box.checked = false; });
    this.refresh();
  }

  refresh() {
    const shown = this.cases.filter(item => this.matches(item));
    const order = item => Hw.outcome(item.outcome).color === 'fail' ? 0 : 1;
    shown.sort((a, b) => order(a) - order(b) || a.i - b.i);
    this.body.replaceChildren(...shown.slice(0, this.limit).map(item => this.row(item)));
    this.more.hidden = shown.length <= this.limit;
    this.status.textContent = shown.length.toLocaleString('en') + ' of ' + this.cases.length.toLocaleString('en') + (this.point ? ' · ' + this.point : '') + (this.cause !== null ? ' · cause ' + (this.cause + 1) : '');
    this.clear.hidden = shown.length === this.cases.length;
    document.querySelectorAll('[data-point]').forEach(button => button.setAttribute('aria-pressed', String(button.dataset.point === this.point)));
    this.drawMap();
  }

  row(item) {
    const text = this.isSweep ? Hw.h('code', {}, item.faults) : item.title;
    const why = item.cause >= 0 ? Hw.text(this.data.causes[item.cause].message) : '';
    return Hw.h('tr', {}, Hw.h('td', {}, Hw.badge(item.outcome)), Hw.h('td', {}, item.page ? Hw.h('a', { href: encodeURIComponent(item.page) + '.html' }, text) : text),
      Hw.h('td', { class: 'muted' }, this.isSweep ? why : item.file + ':' + item.line), Hw.h('td', { class: 'number' }, Hw.span(item.modem)), Hw.h('td', { class: 'number' }, Hw.span(item.wall)));
  }

  onKey(e) {
    if (e.key === 'Escape') {
      this.clearAll();
      this.search.blur();
    } else if (e.key === '/' && e.target !== this.search) {
      e.preventDefault();
      this.search.focus();
    }
  }
}

Hw.start(data => new Index(data));
