// SPDX-License-Identifier: MIT
// The page of an audit: figures, the table of the rules, and under each rule what was found of it.

const STATES = {
  broken: { sign: '✗', word: 'broken', color: 'fail' },
  'not observed': { sign: '○', word: 'not observed', color: 'open' },
  kept: { sign: '✓', word: 'kept', color: 'pass' },
};
const KEYS = [
  ['j k ↓ ↑', 'next, previous rule'], ['Enter', 'open or close the rule'], ['n N', 'next, previous broken rule'],
  ['o', 'open its evidence'], ['c', 'copy the command that shows it again'], ['/', 'search'], ['Esc', 'clear search and filters'],
  ['?', 'these keys'],
];
const US = 1e6, OPEN_MAX = 3;

function makeRules(data) {
  const stimuli = new Map(data.stimuli.map(stimulus => [Hw.text(stimulus.name), stimulus]));
  return data.rules.map((rule, i) => {
    const made = { i, t: rule.t_us, nth: rule.nth, stimuli: rule.stimuli.map(Hw.text), seen: rule.seen.map(Hw.text), brokenIn: rule.broken_in.map(Hw.text) };
    for (const key of ['id', 'level', 'state', 'sentence', 'source', 'expected', 'needs', 'why', 'did', 'stimulus', 'line', 'again']) made[key] = Hw.text(rule[key]);
    made.found = stimuli.get(made.stimulus) || null;
    made.text = [made.id, made.level, made.state, made.sentence, made.source, made.expected, made.did, made.needs, made.why, made.line, ...made.seen].join(' ').toLowerCase();
    return made;
  });
}

const badge = state => Hw.h('span', { class: 'badge ' + STATES[state].color }, STATES[state].sign + ' ' + STATES[state].word);

const pageOf = stimulus => encodeURIComponent(Hw.text(stimulus.name)) + '.html';
const evidenceOf = rule => pageOf(rule.found) + '#t=' + rule.t / US + '&n=' + rule.nth;

class Audit {
  constructor(data) {
    this.data = data;
    this.rules = makeRules(data);
    this.states = new Set();
    this.levels = new Set();
    this.query = '';
    this.isOpen = new Set();
    this.counts = {};
    for (const rule of this.rules) this.counts[rule.state] = (this.counts[rule.state] || 0) + 1;
    this.rules.filter(rule => rule.state === 'broken').slice(0, OPEN_MAX).forEach(rule => this.isOpen.add(rule.id));
    Hw.takeOver(Hw.h('div', { class: 'app index audit' }, this.header(), this.figures(), this.table(), this.stimuli(), this.notes(), this.keyDialog()));
    this.refresh();
    addEventListener('keydown', event => this.onKey(event));
    addEventListener('hashchange', () => this.followHash());
    this.followHash();
  }

  header() {
    const data = this.data, host = Hw.text(data.host);
    return Hw.h('header', {}, Hw.h('div', {},
      Hw.h('div', { class: 'heading' }, Hw.badge(data.passed ? 'pass' : 'FAIL'), Hw.h('h1', {}, 'Audit of a host for ' + Hw.text(data.dialect))),
      Hw.h('div', { class: 'chips' }, Hw.h('span', {}, 'rules of: ' + Hw.text(data.guide)), data.strict ? Hw.h('span', {}, 'strict') : null),
      host ? Hw.h('p', { class: 'host' }, Hw.h('code', {}, host)) : null),
    Hw.h('div', { class: 'actions' }, Hw.themeButton(() => {}),
      Hw.h('button', { type: 'button', id: 'keys-button', onclick: () => this.keys.showModal() }, 'Keys ( ? )')));
  }

  figures() {
    const figure = (value, word, color) => Hw.h('div', { class: 'figure ' + (color || '') }, Hw.h('b', {}, String(value)), Hw.h('span', {}, word));
    const modem = this.data.stimuli.reduce((sum, stimulus) => sum + stimulus.modem_us, 0);
    return Hw.h('section', { class: 'figures', 'aria-label': 'figures' }, figure(this.rules.length, this.rules.length === 1 ? 'rule' : 'rules'),
      Object.keys(STATES).filter(state => this.counts[state]).map(state => figure(this.counts[state], STATES[state].sign + ' ' + STATES[state].word, STATES[state].color)),
      figure(this.data.stimuli.length, this.data.stimuli.length === 1 ? 'stimulus' : 'stimuli'), figure(Hw.span(this.data.wall_us), 'wall time'),
      figure(Hw.span(modem), 'modem time'));
  }

  // ---- the table ----

  filter(set, name, label) {
    return Hw.h('label', { class: 'filter' }, Hw.h('input', {
      type: 'checkbox', 'data-filter': name,
      onchange: event => { set[event.target.checked ? 'add' : 'delete'](name); this.refresh(); },
    }), ' ' + label);
  }

  table() {
    this.search = Hw.h('input', { type: 'search', placeholder: 'search  ( / )', 'aria-label': 'search in the rules', oninput: () => { this.query = this.search.value.toLowerCase(); this.refresh(); } });
    this.status = Hw.h('output', { role: 'status', class: 'muted' });
    this.clear = Hw.h('button', { type: 'button', class: 'small', onclick: () => this.clearAll() }, 'clear ( Esc )');
    this.all = Hw.h('button', { type: 'button', class: 'small', id: 'open-all', onclick: () => this.openAll() });
    this.body = Hw.h('tbody', {});
    this.empty = Hw.h('p', { class: 'empty', hidden: true }, 'No rule fits.');
    return Hw.h('section', { class: 'card', 'aria-label': 'rules' }, Hw.h('h2', {}, 'Rules'),
      Hw.h('div', { class: 'toolbar' }, this.search,
        Hw.h('span', { class: 'filters', role: 'group', 'aria-label': 'verdict' }, Object.keys(STATES).filter(state => this.counts[state]).map(state => this.filter(this.states, state, STATES[state].sign + ' ' + STATES[state].word))),
        Hw.h('span', { class: 'filters', role: 'group', 'aria-label': 'level' }, ['must', 'should'].map(level => this.filter(this.levels, level, level))),
        this.all, this.clear, this.status),
      Hw.h('table', { class: 'rules' }, Hw.h('thead', {}, Hw.h('tr', {}, ['verdict', 'level', 'rule', 'what the guide says, and what was found'].map(cell => Hw.h('th', { scope: 'col' }, cell)))), this.body),
      this.empty);
  }

  matches(rule) {
    return (this.states.size === 0 || this.states.has(rule.state)) && (this.levels.size === 0 || this.levels.has(rule.level)) &&
      (!this.query || rule.text.includes(this.query));
  }

  // Broken rules first, then those that were not observed; in the order of the guide among themselves.
  refresh() {
    const order = Object.keys(STATES), focused = document.activeElement && document.activeElement.dataset.rule;
    this.shown = this.rules.filter(rule => this.matches(rule)).sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.i - b.i);
    this.body.replaceChildren(...this.shown.flatMap(rule => this.rows(rule)));
    this.empty.hidden = this.shown.length > 0;
    this.status.textContent = this.shown.length + ' of ' + this.rules.length;
    this.clear.hidden = this.shown.length === this.rules.length && !this.query;
    this.all.textContent = this.shown.every(rule => this.isOpen.has(rule.id)) ? 'close all' : 'open all';
    if (focused) this.focus(focused);
  }

  rows(rule) {
    const isOpen = this.isOpen.has(rule.id), found = 'found-' + rule.id;
    const row = Hw.h('tr', { class: 'rule ' + STATES[rule.state].color }, Hw.h('td', {}, badge(rule.state)), Hw.h('td', { class: 'level' }, rule.level),
      Hw.h('td', { class: 'id' }, Hw.h('button', {
        type: 'button', class: 'link', 'data-rule': rule.id, 'aria-expanded': String(isOpen), 'aria-controls': isOpen ? found : false, onclick: () => this.toggle(rule),
      }, Hw.h('span', { class: 'arrow', 'aria-hidden': 'true' }, isOpen ? '▾ ' : '▸ '), rule.id)),
      Hw.h('td', {}, Hw.h('div', {}, rule.sentence), rule.state === 'broken' ? Hw.h('div', { class: 'did' }, 'The host ' + rule.did + '.') : null));
    return isOpen ? [row, Hw.h('tr', { class: 'found', id: found }, Hw.h('td', { colspan: 4 }, this.found(rule)))] : [row];
  }

  // What was found of a rule: a label and a text for each thing that there is to say.
  found(rule) {
    const rows = [['the guide', rule.source]], links = names => names.flatMap((name, i) => [i ? ', ' : '', this.link(name)]);
    if (rule.state === 'broken') {
      rows.push(['the host', rule.did], ['expected', rule.expected], ['when', Hw.h('code', {}, Hw.plain(rule.line))], ['stimulus', [this.link(rule.stimulus), this.title(rule.stimulus).slice(rule.stimulus.length)]]);
      if (rule.brokenIn.length > 1) rows.push(['also in', links(rule.brokenIn.filter(name => name !== rule.stimulus))]);
    } else {
      rows.push(['expected', rule.expected]);
      if (rule.state === 'kept') rows.push(['kept in', links(rule.seen)]);
      else rows.push(['to see it', rule.needs], ['because', rule.why]);
    }
    if (rule.again) rows.push(['again', Hw.h('code', { class: 'again' }, rule.again)]);
    const buttons = [];
    if (rule.found && rule.found.page) buttons.push(Hw.h('a', { class: 'evidence', href: evidenceOf(rule) }, 'Open the evidence at ' + Hw.clock(rule.t)));
    if (rule.again) buttons.push(Hw.h('button', { type: 'button', class: 'small copy', onclick: event => Hw.copy(rule.again, event.currentTarget) }, 'Copy command to see it again'));
    buttons.push(Hw.h('a', { href: '#rule=' + rule.id, class: 'muted' }, 'link to this rule'));
    return [Hw.h('dl', {}, rows.map(([label, text]) => [Hw.h('dt', {}, label), Hw.h('dd', {}, text)])), Hw.h('div', { class: 'actions' }, buttons)];
  }

  stimulus(name) {
    return this.data.stimuli.find(stimulus => Hw.text(stimulus.name) === name);
  }

  link(name) {
    const stimulus = this.stimulus(name);
    return stimulus && stimulus.page ? Hw.h('a', { href: pageOf(stimulus) }, name) : name;
  }

  title(name) {
    const stimulus = this.stimulus(name);
    return stimulus ? Hw.text(stimulus.title) : name;
  }

  toggle(rule) {
    this.isOpen[this.isOpen.has(rule.id) ? 'delete' : 'add'](rule.id);
    this.refresh();
    this.focus(rule.id);
  }

  openAll() {
    const isEach = this.shown.every(rule => this.isOpen.has(rule.id));
    for (const rule of this.shown) this.isOpen[isEach ? 'delete' : 'add'](rule.id);
    this.refresh();
  }

  clearAll() {
    this.states.clear();
    this.levels.clear();
    this.query = this.search.value = '';
    document.querySelectorAll('[data-filter]').forEach(box => { box.checked = false; });
    this.refresh();
  }

  // ---- the stimuli ----

  stimuli() {
    const rows = this.data.stimuli.map(stimulus => {
      const name = Hw.text(stimulus.name), title = Hw.text(stimulus.title).slice(name.length + 2);
      const broken = this.rules.filter(rule => rule.brokenIn.includes(name)).length, seen = this.rules.filter(rule => rule.seen.includes(name)).length;
      return Hw.h('tr', {}, Hw.h('td', { class: 'id' }, this.link(name)), Hw.h('td', {}, title),
        Hw.h('td', {}, broken ? Hw.h('span', { class: 'bad' }, '✗ ' + broken + ' broken') : seen ? '✓ ' + seen + ' kept' : '○ none observed'),
        Hw.h('td', { class: 'number' }, Hw.span(stimulus.modem_us)), Hw.h('td', { class: 'number' }, Hw.span(stimulus.wall_us)));
    });
    return Hw.h('section', { class: 'card', 'aria-label': 'stimuli' }, Hw.h('h2', {}, 'Stimuli'),
      Hw.h('table', { class: 'stimuli' }, Hw.h('thead', {}, Hw.h('tr', {}, ['stimulus', 'what happens to the host', 'rules', 'modem', 'wall'].map(cell => Hw.h('th', { scope: 'col' }, cell)))),
        Hw.h('tbody', {}, rows)));
  }

  notes() {
    const notes = this.data.notes.map(Hw.text);
    return notes.length ? Hw.h('section', { class: 'card', 'aria-label': 'notes' }, Hw.h('h2', {}, 'Notes'), Hw.h('ul', {}, notes.map(note => Hw.h('li', {}, note)))) : null;
  }

  // ---- keys and links ----

  keyDialog() {
    this.keys = Hw.h('dialog', { 'aria-label': 'keys' }, Hw.h('h2', {}, 'Keys'),
      Hw.h('table', {}, Hw.h('tbody', {}, KEYS.map(([key, what]) => Hw.h('tr', {}, Hw.h('td', {}, Hw.h('kbd', {}, key)), Hw.h('td', {}, what))))),
      Hw.h('button', { type: 'button', onclick: () => this.keys.close() }, 'close'));
    return this.keys;
  }

  focus(id) {
    const button = document.querySelector('[data-rule="' + CSS.escape(id) + '"]');
    if (!button) return;
    button.focus({ preventScroll: true });
    button.scrollIntoView({ block: 'nearest' });
  }

  current() {
    const id = document.activeElement && document.activeElement.dataset.rule;
    return this.shown.findIndex(rule => rule.id === id);
  }

  // The next rule that fits, from the focused one on; none: the focus stays.
  move(step, fits) {
    let i = this.current();
    for (i = i < 0 && step < 0 ? this.shown.length - 1 : i + step; i >= 0 && i < this.shown.length; i += step) {
      if (!fits(this.shown[i])) continue;
      this.focus(this.shown[i].id);
      return;
    }
  }

  followHash() {
    const match = /[#&]rule=([^&]+)/.exec(location.hash), id = match && decodeURIComponent(match[1]);
    if (!id || !this.rules.some(rule => rule.id === id)) return;
    this.isOpen.add(id);
    this.clearAll();
    this.focus(id);
    document.querySelector('[data-rule="' + CSS.escape(id) + '"]').scrollIntoView({ block: 'center' });
  }

  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || this.keys.open) return;
    if (event.key === 'Escape') {
      this.clearAll();
      this.search.blur();
      return;
    }
    if (event.target === this.search) return;
    const rule = this.shown[this.current()], isBroken = other => other.state === 'broken';
    const act = {
      j: () => this.move(1, () => true), ArrowDown: () => this.move(1, () => true), k: () => this.move(-1, () => true), ArrowUp: () => this.move(-1, () => true),
      n: () => this.move(1, isBroken), N: () => this.move(-1, isBroken), '/': () => this.search.focus(), '?': () => this.keys.showModal(),
      o: () => { if (rule && rule.found && rule.found.page) location.href = evidenceOf(rule); },
      c: () => { if (rule && rule.again) Hw.copy(rule.again, document.querySelector('[id="found-' + CSS.escape(rule.id) + '"] .copy')); },
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

Hw.start(data => new Audit(data));
