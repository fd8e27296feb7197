// SPDX-License-Identifier: MIT
// The transcript: only the rows in sight exist, so that 100,000 events are as quick as 100.

const ROW_HEIGHT = 21, ROWS_AROUND = 12, TEXT_SHOWN = 400;
const FILTERS = [
  ['>', 'host', 'host to modem'], ['<', 'modem', 'modem to host'], ['!', 'urc', 'URC'], ['*', 'fault', 'fault'],
  ['|', 'output', 'output of the host'], ['#', 'sim', 'simulator'],
];

class Transcript {
  constructor(model, state) {
    this.model = model;
    this.state = state;
    this.signs = new Set(FILTERS.map(filter => filter[0]));
    this.withParsed = false;
    this.query = '';
    this.shown = [];
    this.filter = Hw.h('input', {
      type: 'search', placeholder: 'search  ( / )', 'aria-label': 'search in the transcript',
      oninput: () => { this.query = this.filter.value; this.refresh(); },
    });
    this.count = Hw.h('output', { class: 'count', role: 'status' });
    this.spacer = Hw.h('div', { class: 'spacer' });
    this.rows = Hw.h('div', { class: 'rows' });
    this.list = Hw.h('div', {
      class: 'list', tabindex: 0, role: 'listbox', 'aria-label': 'transcript', onscroll: () => this.paint(),
    }, this.spacer, this.rows);
    this.element = Hw.h('section', { class: 'transcript', 'aria-label': 'transcript' }, this.toolbar(), this.list);
    this.hasManyPorts = model.ports.length > 1;
    new ResizeObserver(() => this.paint()).observe(this.list);
  }

  toolbar() {
    const boxes = FILTERS.map(([sign, name, title]) => Hw.h('label', { class: 'filter ' + name, title },
      Hw.h('input', {
        type: 'checkbox', checked: true, 'data-sign': sign,
        onchange: e => { this.signs[e.target.checked ? 'add' : 'delete'](sign); this.refresh(); },
      }), Hw.h('b', {}, sign), Hw.h('span', { class: 'filter-word' }, ' ' + name)));
    const parsed = Hw.h('label', { class: 'filter sim', title: 'each command after parsing, and the bytes of URCs' },
      Hw.h('input', {
        type: 'checkbox', 'data-sign': 'parsed',
        onchange: e => { this.withParsed = e.target.checked; this.refresh(); },
      }), ' all');
    return Hw.h('div', { class: 'toolbar' }, this.filter, boxes, parsed, this.count);
  }

  matches(event) {
    const range = this.state.range;
    if (range && (event.t < range[0] || event.t > range[1])) return false;
    if (!this.withParsed && !event.isNews) return false;
    if (!this.signs.has(event.sign)) return false;
    if (!this.needle) return true;
    if (event.lower === undefined) event.lower = (event.who + ' ' + event.kind + ' ' + Hw.plain(event.data)).toLowerCase();
    return event.lower.includes(this.needle);
  }

  refresh() {
    this.needle = this.query.trim().toLowerCase();
    this.shown = this.model.events.filter(event => this.matches(event));
    this.spacer.style.height = this.shown.length * ROW_HEIGHT + 'px';
    const all = this.model.events.filter(event => event.isNews || this.withParsed).length;
    this.count.textContent = this.shown.length === all ? all.toLocaleString('en') + ' events'
      : this.shown.length.toLocaleString('en') + ' of ' + all.toLocaleString('en');
    this.paint();
  }

  paint() {
    const top = this.list.scrollTop, height = this.list.clientHeight;
    const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - ROWS_AROUND);
    const last = Math.min(this.shown.length, Math.ceil((top + height) / ROW_HEIGHT) + ROWS_AROUND);
    const rows = [];
    for (let i = first; i < last; i++) rows.push(this.row(this.shown[i], i));
    if (this.shown.length === 0) rows.push(Hw.h('p', { class: 'empty' }, 'Nothing matches. Esc clears the span, the search stands above.'));
    this.rows.style.transform = 'translateY(' + first * ROW_HEIGHT + 'px)';
    this.rows.replaceChildren(...rows);
    const selected = this.state.selected;
    if (selected && this.rows.querySelector('#row-' + selected.i)) this.list.setAttribute('aria-activedescendant', 'row-' + selected.i);
    else this.list.removeAttribute('aria-activedescendant');
  }

  row(event, place) {
    const selected = this.state.selected, isSelected = event === selected;
    const prefix = event.sign === '#' ? (event.who === event.kind ? '' : event.who + ' ') + event.kind + ': '
      : this.hasManyPorts && '><!'.includes(event.sign) ? event.who + '  ' : '';
    const time = selected && !isSelected && this.state.isRelative
      ? (event.t < selected.t ? '−' : '+') + Hw.span(Math.abs(event.t - selected.t)) : '+' + Hw.clock(event.t);
    return Hw.h('div', {
      class: 'row ' + CLASSES[event.sign] + (isSelected ? ' selected' : '') + (event.kind === 'unhandled' ? ' unhandled' : ''),
      id: 'row-' + event.i, role: 'option', 'aria-selected': isSelected ? 'true' : 'false',
      'aria-posinset': place + 1, 'aria-setsize': this.shown.length,
      onclick: () => { this.state.select(event); this.list.focus({ preventScroll: true }); },
    },
    Hw.h('span', { class: 'time' }, time), Hw.h('span', { class: 'sign' }, event.sign),
    Hw.h('span', { class: 'text' }, prefix ? Hw.h('span', { class: 'who' }, prefix) : null, this.text(event),
      event.gap ? Hw.h('span', { class: 'who' }, '   … ' + event.gap + ' events before this one are not in this page') : null));
  }

  text(event) {
    const runs = Hw.visible(event.data.slice(0, TEXT_SHOWN));
    const parts = runs.map(([text, isControl]) => isControl ? Hw.controls(text) : this.marked(text));
    return event.data.length > TEXT_SHOWN ? [parts, '…'] : parts;
  }

  marked(text) {
    const at = this.needle ? text.toLowerCase().indexOf(this.needle) : -1;
    if (at < 0) return text;
    return [text.slice(0, at), Hw.h('mark', {}, text.slice(at, at + this.needle.length)), text.slice(at + this.needle.length)];
  }

  // Bring the selected row into sight.
  reveal() {
    const i = this.shown.indexOf(this.state.selected);
    if (i >= 0) {
      const top = i * ROW_HEIGHT, height = this.list.clientHeight;
      if (top < this.list.scrollTop + ROW_HEIGHT || top > this.list.scrollTop + height - 3 * ROW_HEIGHT)
        this.list.scrollTop = Math.max(0, top - height / 2);
    }
    this.paint();
  }

  // The shown row `by` away from the selected one.
  step(by) {
    if (!this.shown.length) return null;
    const selected = this.state.selected;
    let i = this.shown.indexOf(selected);
    if (i < 0) i = selected ? this.shown.findIndex(event => event.i >= selected.i) : by > 0 ? -1 : this.shown.length;
    return this.shown[Math.min(Math.max(i + by, 0), this.shown.length - 1)];
  }

  // Rows as modem:script takes them.
  asScript() {
    return this.shown.filter(event => '><!'.includes(event.sign))
      .map(event => stripEnd(event.data).split(/[\r\n]+/).filter(line => line !== '')
        .map(line => event.sign + ' ' + Hw.plain(line)).join('\n')).filter(text => text !== '').join('\n') + '\n';
  }
}
