// SPDX-License-Identifier: MIT
// The page of one scenario: header, lanes, transcript, panes, keys, and the link to a moment.

const KEYS = [
  ['j k ↓ ↑', 'next, previous event'], ['g G', 'first, last event'], ['n N', 'next, previous fault'],
  ['d', 'first difference from the fault-free run'], ['/', 'search'], ['[ ]', 'span from, to the selected event'],
  ['z Z', 'zoom into the span, and out'], ['Esc', 'clear span and search'], ['r', 'times relative to the selected event'],
  ['c', 'copy the command that runs it again'], ['1 … 8', 'panes'], ['?', 'these keys'],
];

class State {
  constructor() {
    this.selected = null;
    this.range = null;
    this.isRelative = false;
  }
}

class Viewer {
  constructor(data) {
    this.model = makeModel(data);
    const state = this.state = new State();
    state.select = (event, reveal) => this.select(event, reveal);
    state.setRange = (range, isMoving) => this.setRange(range, isMoving);
    this.timeline = new Timeline(this.model, state);
    this.transcript = new Transcript(this.model, state);
    this.pane = Hw.h('div', { class: 'pane', role: 'tabpanel', tabindex: 0, id: 'pane' });
    this.element = Hw.h('div', { class: 'app' }, this.header(), this.timeline.element, this.spanBar(),
      Hw.h('div', { class: 'split' }, this.transcript.element, this.paneBox()), this.keyDialog());
    Hw.takeOver(this.element);
    this.transcript.refresh();
    this.showPane(Hw.outcome(data.outcome).color !== 'fail' && data.source ? 'Source' : 'Summary');
    addEventListener('keydown', event => this.onKey(event));
    addEventListener('hashchange', () => this.followHash());
    if (!this.followHash()) this.selectStart();
  }

  // Where to look first: the last fault before the end, or the end.
  selectStart() {
    const events = this.model.events.filter(event => event.isNews);
    if (!events.length) return;
    const isGood = Hw.outcome(this.model.data.outcome).color !== 'fail';
    this.select(isGood ? events[0] : events[events.length - 1], true, true);
  }

  header() {
    const data = this.model.data, title = Hw.text(data.title);
    const copyAgain = data.again ? Hw.h('button', {
      type: 'button', id: 'copy-again', class: 'primary', title: Hw.text(data.again),
      onclick: e => Hw.copy(Hw.text(data.again), e.currentTarget),
    }, 'Copy command to run again') : null;
    const faults = this.model.faults, unfired = faults.filter(fault => !fault.fired).length;
    return Hw.h('header', {}, Hw.h('div', { class: 'heading' }, Hw.badge(data.outcome), Hw.h('h1', {}, title)),
      Hw.h('div', { class: 'chips' },
        Hw.h('span', {}, Hw.text(data.at_file || data.file) + (data.at_line || data.line ? ':' + (data.at_line || data.line) : '')),
        Hw.h('span', {}, 'seed ' + data.seed),
        Hw.h('span', { title: 'modem time; wall time' }, Hw.span(data.modem_us) + ' modem · ' + Hw.span(data.wall_us) + ' wall'),
        faults.length ? Hw.h('span', { class: unfired ? 'bad' : '' }, (faults.length - unfired) + ' of ' + faults.length + ' faults fired') : null),
      Hw.h('div', { class: 'actions' }, copyAgain,
        Hw.h('button', { type: 'button', id: 'copy-link', onclick: e => Hw.copy(location.href, e.currentTarget) }, 'Copy link'),
        Hw.h('button', { type: 'button', onclick: e => Hw.copy(this.transcript.asScript(), e.currentTarget), title: 'the rows shown, as modem:script takes them' }, 'Copy rows'),
        Hw.h('button', { type: 'button', onclick: () => Hw.save('trace.jsonl', this.asJsonl()) }, 'Save trace'),
        Hw.h('button', { type: 'button', 'aria-label': 'keys', title: 'keys ( ? )', onclick: () => this.keys.showModal() }, '?'),
        Hw.themeButton(() => this.timeline.draw())),
      data.message ? Hw.h('p', { class: 'verdict' }, Hw.text(data.message)) : null);
  }

  spanBar() {
    this.spanText = Hw.h('span', { id: 'span-text' });
    this.spanClear = Hw.h('button', { type: 'button', class: 'small', onclick: () => this.setRange(null) }, 'clear span ( Esc )');
    this.spanZoom = Hw.h('button', { type: 'button', class: 'small', onclick: () => this.timeline.zoom(this.state.range) }, 'zoom ( z )');
    const zoomOut = this.zoomOut = Hw.h('button', { type: 'button', class: 'small', onclick: () => this.timeline.zoom(null) }, 'whole run ( Z )');
    this.setSpanText();
    return Hw.h('div', { class: 'span-bar' }, this.spanText, this.spanZoom, zoomOut, this.spanClear,
      Hw.h('span', { id: 'keys-short', class: 'muted keys-short' }, 'drag over the lanes to choose a span · j k events · n faults · / search · ? keys'));
  }

  setSpanText() {
    const range = this.state.range;
    this.spanText.textContent = range
      ? 'span +' + Hw.clock(range[0]) + ' to +' + Hw.clock(range[1]) + '  (' + Hw.span(range[1] - range[0]) + ')' : 'whole run, ' + Hw.span(this.model.end);
    this.spanClear.hidden = this.spanZoom.hidden = this.zoomOut.hidden = !range;
  }

  paneBox() {
    const names = Object.keys(PANES).filter(name => name !== 'Compare' || this.model.comparison);
    this.tabs = names.map((name, i) => Hw.h('button', {
      type: 'button', role: 'tab', id: 'tab-' + name, 'aria-controls': 'pane', title: String(i + 1),
      onclick: () => this.showPane(name),
      onkeydown: e => {
        const by = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
        if (!by) return;
        const next = (i + by + names.length) % names.length;
        this.showPane(names[next]);
        this.tabs[next].focus();
        e.stopPropagation();
      },
    }, name, name === 'Faults' && this.model.faults.length ? ' ' + this.model.faults.length : ''));
    this.names = names;
    return Hw.h('section', { class: 'side', 'aria-label': 'details' }, Hw.h('div', { class: 'tabs', role: 'tablist' }, this.tabs), this.pane);
  }

  showPane(name) {
    this.current = name;
    this.tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', this.names[i] === name ? 'true' : 'false');
      tab.tabIndex = this.names[i] === name ? 0 : -1;
    });
    this.pane.setAttribute('aria-labelledby', 'tab-' + name);
    this.refreshPane();
    this.pane.scrollTop = 0;
    const mark = this.pane.querySelector('#waiting, #first-difference');
    if (mark) this.pane.scrollTop = mark.getBoundingClientRect().top - this.pane.getBoundingClientRect().top - this.pane.clientHeight / 3;
  }

  refreshPane() {
    this.pane.replaceChildren(...[PANES[this.current](this.model, this.state)].flat(Infinity).filter(Boolean));
  }

  keyDialog() {
    this.keys = Hw.h('dialog', { 'aria-label': 'keys' }, Hw.h('h2', {}, 'Keys'),
      Hw.h('dl', {}, KEYS.map(([keys, what]) => [Hw.h('dt', {}, Hw.h('kbd', {}, keys)), Hw.h('dd', {}, what)])),
      Hw.h('form', { method: 'dialog' }, Hw.h('button', {}, 'Close')));
    return this.keys;
  }

  // ---- acts ----

  select(event, reveal, isQuiet) {
    if (!event) return;
    this.state.selected = event;
    const range = this.state.range;
    if (range && (event.t < range[0] || event.t > range[1])) this.setRange(null);
    if (reveal && !this.transcript.shown.includes(event)) this.showAll();
    this.transcript.reveal();
    this.timeline.draw();
    if (this.current === 'Event' || this.current === 'State') this.refreshPane();
    else if (!isQuiet && !reveal) this.showPane('Event');
    if (!isQuiet) history.replaceState(null, '', '#t=' + (event.t / 1e6).toFixed(6).replace(/0+$/, '').replace(/\.$/, ''));
  }

  // A link or a lane may point at what the filters hide.
  showAll() {
    this.transcript.query = this.transcript.filter.value = '';
    this.element.querySelectorAll('.filter input').forEach(box => {
      if (box.dataset.sign !== 'parsed') {
        box.checked = true;
        this.transcript.signs.add(box.dataset.sign);
      }
    });
    this.transcript.refresh();
  }

  setRange(range, isMoving) {
    this.state.range = range && range[1] > range[0] ? range : null;
    this.setSpanText();
    this.timeline.draw();
    this.transcript.refresh();
    if (!isMoving) this.refreshPane();
  }

  followHash() {
    const match = /[#&]t=([\d.]+)/.exec(location.hash);
    if (!match) return false;
    const t = Number(match[1]) * 1e6, nth = /[#&]n=(\d+)/.exec(location.hash);
    const events = this.model.events.filter(event => event.isNews);
    // Of an instant, the nth record, or what is shown before it: a command is seen in its bytes.
    const instant = nth ? this.model.events.filter(event => Math.abs(event.t - t) < 0.5).slice(0, Number(nth[1]) + 1).filter(event => event.isNews) : [];
    this.select(instant.pop() || events.find(event => event.t >= t - 0.5) || events[events.length - 1], true, true);
    return true;
  }

  toFault(by) {
    const fired = this.model.faults.filter(fault => fault.fired).map(fault => fault.event);
    const at = this.state.selected ? this.state.selected.i : -1;
    const next = by > 0 ? fired.find(event => event.i > at) || fired[0]
      : fired.slice().reverse().find(event => event.i < at) || fired[fired.length - 1];
    this.select(next, true);
  }

  toDifference() {
    const comparison = this.model.comparison;
    if (!comparison || !comparison.difference) return;
    const here = comparison.difference.here;
    if (here) this.select(here.event, true);
    this.showPane('Compare');
  }

  edge(which) {
    const t = this.state.selected ? this.state.selected.t : 0, range = this.state.range || [0, this.model.end];
    this.setRange(which === '[' ? [t, Math.max(range[1], t + 1)] : [Math.min(range[0], t - 1), t]);
  }

  asJsonl() {
    const bytes = text => '"' + text.replace(/[^ !#-[\]-~]/g, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')) + '"';
    const lines = this.model.events.map(e =>
      '{"t":' + e.t + ',"w":' + e.w + ',"p":' + bytes(e.who) + ',"k":"' + e.kind + '","d":' + bytes(e.data) + '}');
    return ['{"v":1,"k":"header","title":' + bytes(this.model.data.title) + ',"dropped":' + this.model.data.dropped + '}',
      ...lines, '{"k":"end","records":' + lines.length + '}', ''].join('\n');
  }

  onKey(event) {
    const isTyping = /^(INPUT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== 'checkbox';
    if (event.key === 'Escape') {
      this.transcript.filter.value = this.transcript.query = '';
      this.transcript.filter.blur();
      this.setRange(null);
      return;
    }
    if (isTyping || event.ctrlKey || event.altKey || event.metaKey || this.keys.open) return;
    const act = this.acts()[event.key];
    if (act) {
      event.preventDefault();
      act();
    } else if (/^[1-8]$/.test(event.key) && this.names[event.key - 1]) {
      this.showPane(this.names[event.key - 1]);
    }
  }

  acts() {
    const step = by => () => this.select(this.transcript.step(by), true);
    const far = this.transcript.shown.length, page = Math.max(1, Math.floor(this.transcript.list.clientHeight / ROW_HEIGHT) - 1);
    return {
      j: step(1), k: step(-1), ArrowDown: step(1), ArrowUp: step(-1), PageDown: step(page), PageUp: step(-page),
      g: step(-far), G: step(far), Home: step(-far), End: step(far),
      n: () => this.toFault(1), N: () => this.toFault(-1), d: () => this.toDifference(),
      '/': () => this.transcript.filter.focus(), '[': () => this.edge('['), ']': () => this.edge(']'),
      z: () => this.timeline.zoom(this.state.range), Z: () => this.timeline.zoom(null),
      r: () => { this.state.isRelative = !this.state.isRelative; this.transcript.paint(); },
      c: () => Hw.copy(Hw.text(this.model.data.again), document.getElementById('copy-again')),
      '?': () => this.keys.showModal(),
    };
  }
}

Hw.start(data => new Viewer(data));
