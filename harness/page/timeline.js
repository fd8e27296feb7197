// SPDX-License-Identifier: MIT
// The lanes on one canvas, and the brush that chooses a span of time.

const GUTTER = 132, GUTTER_NARROW = 90, NARROW = 640, RIGHT = 14, AXIS_HEIGHT = 22, LANE_GAP = 5, CLICK_PX = 4;
const POWER_STYLE = {
  off: { color: 'power-off', hatch: true }, booting: { color: 'power-booting' }, on: { color: 'power-on' },
  sleeping: { color: 'power-sleeping' }, flashing: { color: 'power-flashing' }, hung: { color: 'power-bad', hatch: true },
  dead: { color: 'power-bad', hatch: true },
};

class Timeline {
  constructor(model, state) {
    this.model = model;
    this.state = state;
    // What happens last is not on the very edge.
    this.whole = [0, model.end * 1.015];
    this.view = this.whole;
    this.gutter = GUTTER;
    this.lanes = this.makeLanes();
    this.height = AXIS_HEIGHT + this.lanes.reduce((sum, lane) => sum + lane.height + LANE_GAP, 0);
    this.canvas = Hw.h('canvas', {
      tabindex: 0, role: 'img', 'aria-label': this.describe(), 'aria-describedby': 'keys-short',
    });
    this.base = document.createElement('canvas');
    this.tip = Hw.h('div', { class: 'tip', hidden: true });
    this.element = Hw.h('section', { class: 'timeline', 'aria-label': 'timeline' }, this.canvas, this.tip);
    this.canvas.style.height = this.height + 'px';
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  describe() {
    const parts = this.lanes.map(lane => lane.label + ' ' + (lane.detail || ''));
    return 'Lanes over ' + Hw.span(this.model.end) + ' of modem time: ' + parts.join('; ') +
      '. Drag to choose a span. The transcript below holds the same events.';
  }

  makeLanes() {
    const model = this.model, lanes = [];
    const add = (label, height, draw, extra) => lanes.push({ label, height, draw, ...extra });
    // Above all else, so that a page with many lanes still shows them first.
    if (model.faults.length) add('faults', model.faults.some(f => f.fired) && model.faults.some(f => !f.fired) ? 38 : 20, box => this.drawFaults(box), { detail: model.faults.map(f => f.text).join(', ') });
    for (const [who, list] of model.power)
      add(who + ' power', 18, (box) => this.drawPower(box, list), { detail: list.map(p => p.value).join(', ') });
    for (const machine of model.states)
      add(machine.who + ' ' + machine.machine, 20, box => this.drawStates(box, machine.path),
        { detail: machine.path.map(p => p.value).join(', ') });
    for (const who of new Set(model.curves.map(curve => curve.who)))
      add(who + ' progress', 44, box => this.drawCurves(box, model.curves.filter(c => c.who === who)), { who });
    for (const who of model.ports)
      add(who, 40, box => this.drawPort(box, model.events.filter(event => event.who === who && event.isNews && '><!#'.includes(event.sign))), { who, isPort: true, detail: 'AT traffic' });
    for (const who of new Set(model.requests.map(request => request.who)))
      add(who === 'http' ? 'http server' : who + ' http', 18,
        box => this.drawRequests(box, model.requests.filter(r => r.who === who)), { who });
    for (const host of model.hosts)
      add(host.who, 24, box => this.drawHost(box, host), { who: host.who, detail: host.boots.length + ' starts' });
    return lanes;
  }

  // ---- scales ----

  x(t) {
    const [a, b] = this.view;
    return this.gutter + (t - a) / (b - a) * (this.width - this.gutter - RIGHT);
  }

  time(x) {
    const [a, b] = this.view;
    const t = a + (x - this.gutter) / (this.width - this.gutter - RIGHT) * (b - a);
    return Math.min(Math.max(t, a), b);
  }

  zoom(range) {
    this.view = range || this.whole;
    this.draw();
  }

  // ---- drawing ----

  // The lanes are drawn once for a view; what moves over them, each time.
  draw() {
    const ratio = devicePixelRatio || 1, canvas = this.canvas;
    this.width = canvas.clientWidth;
    this.gutter = this.width < NARROW ? GUTTER_NARROW : GUTTER;
    if (this.width < this.gutter + 50) return;
    this.colors = new Proxy({}, { get: (cache, name) => cache[name] || (cache[name] = Hw.color(name)) });
    const what = [this.width, ratio, this.colors['bg'], ...this.view].join();
    if (what !== this.drawn) {
      this.drawn = what;
      this.start(this.base, ratio);
      this.drawLanes();
    }
    this.start(canvas, ratio);
    this.c.drawImage(this.base, 0, 0, this.width, this.height);
    this.drawRange();
    this.drawSelected();
  }

  start(canvas, ratio) {
    canvas.width = Math.round(this.width * ratio);
    canvas.height = Math.round(this.height * ratio);
    this.c = canvas.getContext('2d');
    this.c.scale(canvas.width / this.width, canvas.height / this.height);
    this.c.textBaseline = 'middle';
  }

  drawLanes() {
    this.drawAxis();
    let y = AXIS_HEIGHT;
    for (const lane of this.lanes) {
      lane.y = y;
      this.drawLane(lane);
      y += lane.height + LANE_GAP;
    }
    this.drawDifference();
  }

  // Where the run left the course of the fault-free one.
  drawDifference() {
    const comparison = this.model.comparison, c = this.c;
    if (!comparison || comparison.t === null || comparison.t < this.view[0] || comparison.t > this.view[1]) return;
    const x = Math.round(this.x(comparison.t)) + 0.5, text = '≠ first difference';
    c.strokeStyle = c.fillStyle = this.colors['fault'];
    c.setLineDash([3, 3]);
    c.beginPath();
    c.moveTo(x, AXIS_HEIGHT - 6);
    c.lineTo(x, this.height);
    c.stroke();
    c.setLineDash([]);
    this.font(11, 600);
    const isLeft = x + this.textWidth(text) + 10 > this.width;
    c.textAlign = isLeft ? 'right' : 'left';
    const width = this.textWidth(text) + 6;
    c.fillStyle = this.colors['card'];
    c.fillRect(isLeft ? x - width - 3 : x + 3, 2, width, 15);
    c.fillStyle = this.colors['fault'];
    c.fillText(text, isLeft ? x - 6 : x + 6, 9);
  }

  font(size, weight) {
    this.c.font = (weight || 400) + ' ' + size + 'px ' + this.colors['sans'];
  }

  drawAxis() {
    const c = this.c, [a, b] = this.view, steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400];
    const room = (this.width - this.gutter) / 90, wanted = (b - a) / 1e6 / room;
    const step = (steps.find(s => s >= wanted) || Math.pow(10, Math.ceil(Math.log10(wanted))));
    const fine = wanted < 0.5 ? Math.pow(10, Math.ceil(Math.log10(wanted))) : step;
    this.font(11);
    c.textAlign = 'center';
    for (let s = Math.ceil(a / 1e6 / fine) * fine; s * 1e6 <= b; s += fine) {
      const x = Math.round(this.x(s * 1e6)) + 0.5;
      c.strokeStyle = this.colors['grid'];
      c.beginPath();
      c.moveTo(x, AXIS_HEIGHT - 4);
      c.lineTo(x, this.height);
      c.stroke();
      c.fillStyle = this.colors['muted'];
      c.fillText(fine < 1 ? s.toFixed(3) + ' s' : s < 120 ? Math.round(s) + ' s' : Hw.clock(s * 1e6).replace(/\.000$/, ''), x, 9);
    }
  }

  drawLane(lane) {
    const c = this.c;
    this.font(11.5, 500);
    c.textAlign = 'right';
    c.fillStyle = this.colors['muted'];
    c.fillText(lane.label, this.gutter - 10, lane.y + lane.height / 2, this.gutter - 14);
    c.save();
    c.beginPath();
    c.rect(this.gutter, lane.y - 2, this.width - this.gutter - RIGHT + 8, lane.height + 4);
    c.clip();
    lane.draw({ y: lane.y, height: lane.height });
    c.restore();
  }

  bar(from, to, y, height, color) {
    const x = this.x(from), width = Math.max(this.x(to) - x, 1.5);
    this.c.fillStyle = this.colors[color];
    this.c.fillRect(x, y, width, height);
    return { x: Math.max(x, this.gutter), width: Math.min(x + width, this.width - RIGHT) - Math.max(x, this.gutter) };
  }

  textWidth(text) {
    return this.c.measureText(text).width;
  }

  // As much of a text as there is room for; nothing when that is too little to be read.
  fit(text, room) {
    const width = this.textWidth(text);
    if (width <= room) return room < 12 ? '' : text;
    const length = Math.floor(text.length * room / width) - 1;
    return length < 4 ? '' : text.slice(0, length).trimEnd() + '…';
  }

  label(text, at, y, color) {
    this.font(11, 500);
    this.c.textAlign = 'left';
    this.c.fillStyle = this.colors[color];
    this.c.fillText(this.fit(text, at.width - 9), at.x + 5, y);
  }

  hatch(at, y, height) {
    const c = this.c;
    c.save();
    c.beginPath();
    c.rect(at.x, y, at.width, height);
    c.clip();
    c.strokeStyle = this.colors['hatch'];
    c.beginPath();
    for (let x = at.x - height; x < at.x + at.width; x += 6) {
      c.moveTo(x, y + height);
      c.lineTo(x + height, y);
    }
    c.stroke();
    c.restore();
  }

  drawPower(box, list) {
    for (const part of list) {
      const style = POWER_STYLE[part.value] || POWER_STYLE.off;
      const at = this.bar(part.from, part.to, box.y, box.height, style.color);
      if (style.hatch && at.width > 0) this.hatch(at, box.y, box.height);
      this.label(part.value, at, box.y + box.height / 2 + 0.5, 'on-band');
    }
  }

  drawStates(box, path) {
    path.forEach((part, i) => {
      const at = this.bar(part.from, part.to, box.y, box.height, i % 2 ? 'state-b' : 'state-a');
      this.c.fillStyle = this.colors['state-edge'];
      this.c.fillRect(this.x(part.from), box.y, 2, box.height);
      this.label(part.value, at, box.y + box.height / 2 + 0.5, 'on-band');
    });
  }

  drawCurves(box, curves) {
    const c = this.c, colors = ['curve-a', 'curve-b', 'curve-c'], dashes = [[], [6, 3], [2, 3]];
    const floor = box.y + box.height - 2, y = value => floor - value / 100 * (box.height - 5);
    c.strokeStyle = this.colors['grid'];
    for (const value of [0, 100]) {
      c.beginPath();
      c.moveTo(this.gutter, Math.round(y(value)) + 0.5);
      c.lineTo(this.width - RIGHT, Math.round(y(value)) + 0.5);
      c.stroke();
    }
    let clear = this.gutter;
    for (const { curve, n, points } of this.segmentsOf(curves)) {
      c.strokeStyle = c.fillStyle = this.colors[colors[n % 3]];
      c.beginPath();
      points.forEach(point => c.lineTo(this.x(point.t), y(point.value)));
      c.lineWidth = 1.8;
      c.setLineDash(dashes[n % 3]);
      c.stroke();
      c.setLineDash([]);
      c.lineWidth = 1;
      c.lineTo(this.x(points[points.length - 1].t), floor);
      c.lineTo(this.x(points[0].t), floor);
      c.globalAlpha = 0.12;
      c.fill();
      c.globalAlpha = 1;
      clear = this.labelCurve(box, curve, points, clear);
    }
  }

  // Parts of curves without a break, in the order of time.
  segmentsOf(curves) {
    const segments = [];
    curves.forEach((curve, n) => {
      for (const point of curve.points) {
        if (point.isFresh) segments.push({ curve, n, points: [] });
        segments[segments.length - 1].points.push(point);
      }
    });
    return segments.filter(segment => segment.points.length > 1).sort((a, b) => a.points[0].t - b.points[0].t);
  }

  // The name stands over the low end of a curve, and how far it came behind it, where there is room.
  labelCurve(box, curve, points, clear) {
    const c = this.c, last = points[points.length - 1];
    const from = Math.max(this.x(points[0].t), this.gutter), to = Math.min(this.x(last.t), this.width - RIGHT);
    this.font(11, 500);
    const width = this.textWidth(curve.label);
    c.textAlign = 'left';
    if (to - from > width * 1.6 && from + 4 >= clear) {
      c.fillText(curve.label, from + 4, box.y + 9);
      clear = from + 4 + width + 6;
    } else if (from - width - 5 >= clear) {
      c.fillText(curve.label, from - width - 5, box.y + box.height - 9);
      clear = to + 4;
    }
    if (last.value >= 100 || to + 5 < clear) return clear;
    const text = Math.floor(last.value) + ' %';
    c.fillText(text, to + 5, box.y + box.height - 2 - last.value / 100 * (box.height - 12) - 4);
    return to + 5 + this.textWidth(text) + 6;
  }

  // Host above, modem below; each kind has a row and a form of its own.
  drawPort(box, events) {
    const c = this.c, rows = { '>': 8, '<': 21, '!': 33 }, seen = { '>': new Map(), '<': new Map(), '!': new Map() };
    c.strokeStyle = this.colors['grid'];
    c.beginPath();
    c.moveTo(this.gutter, box.y + 14.5);
    c.lineTo(this.width - RIGHT, box.y + 14.5);
    c.stroke();
    for (const event of events) {
      if (!rows[event.sign]) continue;
      const x = Math.round(this.x(event.t));
      seen[event.sign].set(x, (seen[event.sign].get(x) || 0) + 1);
    }
    for (const sign of Object.keys(rows)) {
      c.fillStyle = this.colors[CLASSES[sign]];
      let clear = -100;
      for (const [x, count] of seen[sign]) {
        const half = Math.min(3 + count, 6);
        c.fillRect(x - 0.75, box.y + rows[sign] - half, 1.5, half * 2);
        if (x - clear > 11) this.glyph(sign, x, box.y + rows[sign]);
        clear = x;
      }
    }
    this.drawUnhandled(box, events.filter(event => event.kind === 'unhandled'));
  }

  drawUnhandled(box, events) {
    const c = this.c;
    c.strokeStyle = this.colors['fault'];
    for (const event of events) {
      const x = this.x(event.t);
      c.strokeRect(x - 5, box.y + 2, 10, 12);
    }
  }

  glyph(sign, x, y) {
    const c = this.c;
    c.beginPath();
    if (sign === '>') { c.moveTo(x + 1, y - 4); c.lineTo(x + 6, y); c.lineTo(x + 1, y + 4); }
    else if (sign === '<') { c.moveTo(x - 1, y - 4); c.lineTo(x - 6, y); c.lineTo(x - 1, y + 4); }
    else { c.moveTo(x - 3, y); c.lineTo(x, y - 4); c.lineTo(x + 3, y); c.lineTo(x, y + 4); }
    c.fill();
  }

  drawRequests(box, requests) {
    for (const request of requests) {
      const at = this.bar(request.from, request.to, box.y + 2, box.height - 4, request.isBroken ? 'http-bad' : 'http');
      const last = request.isServer ? request.what.replace(/^.*-> /, '') : request.end;
      this.label((request.isBroken ? '✗ ' : '') + Hw.text(last || request.what), at, box.y + box.height / 2 + 0.5, 'on-band');
    }
  }

  drawHost(box, host) {
    const c = this.c;
    host.boots.forEach((boot, i) => {
      const at = this.bar(boot.from, boot.to, box.y, box.height - 6, 'output-soft');
      const text = (host.boots.length > 1 ? 'start ' + (i + 1) + ' · ' : '') + (boot.end ? Hw.text(boot.end) : 'runs to the end');
      this.label(text, at, box.y + (box.height - 6) / 2 + 0.5, 'ink');
      if (boot.end) {
        c.fillStyle = this.colors['output'];
        c.fillRect(this.x(boot.to) - 1, box.y - 1, 2, box.height - 4);
      }
    });
    c.fillStyle = this.colors['output'];
    for (const event of this.model.output)
      if (event.who === host.who) c.fillRect(this.x(event.t) - 0.75, box.y + box.height - 5, 1.5, 5);
  }

  // Those that fired stand at their time; below them, hollow, those that did not.
  drawFaults(box) {
    const faults = this.model.faults, fired = faults.filter(fault => fault.fired), edge = this.width - RIGHT;
    let clear = this.gutter, middle = box.y + 10;
    fired.forEach((fault, i) => {
      const x = this.x(fault.t), next = fired[i + 1] ? this.x(fired[i + 1].t) - 8 : edge;
      this.triangle(x, middle, true);
      const right = Math.min(next, edge) - x - 12, left = x - 12 - clear;
      const isRight = right >= Math.min(left, this.textWidth(fault.text));
      const text = x >= clear ? this.fit(fault.text, isRight ? right : left) : '';
      this.c.textAlign = isRight ? 'left' : 'right';
      this.c.fillText(text, isRight ? x + 11 : x - 11, middle + 0.5);
      clear = text && isRight ? x + 20 + this.textWidth(text) : x + 10;
    });
    let x = this.gutter + 8;
    if (fired.length) middle += 18;
    for (const fault of faults.filter(one => !one.fired)) {
      this.triangle(x, middle, false);
      const text = this.fit(fault.text + '  never fired', edge - x - 12);
      this.c.textAlign = 'left';
      this.c.fillText(text, x + 11, middle + 0.5);
      x += 34 + this.textWidth(text);
    }
  }

  triangle(x, middle, isFilled) {
    const c = this.c;
    this.font(11, 500);
    c.fillStyle = c.strokeStyle = this.colors['fault'];
    c.beginPath();
    c.moveTo(x, middle - 6);
    c.lineTo(x + 6.5, middle + 6);
    c.lineTo(x - 6.5, middle + 6);
    c.closePath();
    if (isFilled) c.fill();
    else c.stroke();
  }

  drawRange() {
    const range = this.state.range, c = this.c;
    if (!range) return;
    const a = Math.max(this.x(range[0]), this.gutter), b = Math.min(this.x(range[1]), this.width - RIGHT);
    c.fillStyle = this.colors['shade'];
    c.fillRect(this.gutter, AXIS_HEIGHT - 4, a - this.gutter, this.height);
    c.fillRect(b, AXIS_HEIGHT - 4, this.width - RIGHT - b, this.height);
    c.fillStyle = this.colors['accent'];
    c.fillRect(a - 1, 16, 2, this.height);
    c.fillRect(b - 1, 16, 2, this.height);
    c.fillRect(a, 16, b - a, 2);
  }

  drawSelected() {
    const event = this.state.selected, c = this.c;
    if (!event || event.t < this.view[0] || event.t > this.view[1]) return;
    const x = Math.round(this.x(event.t)) + 0.5;
    c.strokeStyle = this.colors['accent'];
    c.beginPath();
    c.moveTo(x, AXIS_HEIGHT - 6);
    c.lineTo(x, this.height);
    c.stroke();
    c.fillStyle = this.colors['accent'];
    c.beginPath();
    c.arc(x, AXIS_HEIGHT - 6, 3.5, 0, 7);
    c.fill();
  }

  // ---- the pointer ----

  laneAt(y) {
    return this.lanes.find(lane => y >= lane.y - 2 && y <= lane.y + lane.height + 2);
  }

  // The event nearest to a place, in the lane if it has any there.
  nearest(x, y) {
    const lane = this.laneAt(y), t = this.time(x);
    let best = null, bestDistance = Infinity;
    for (const event of this.model.events) {
      if (!event.isNews || (lane && lane.who && event.who !== lane.who)) continue;
      if (lane && lane.label === 'faults' && event.kind !== 'fault') continue;
      const distance = Math.abs(event.t - t);
      if (distance < bestDistance) { best = event; bestDistance = distance; }
    }
    return best;
  }

  listen() {
    let start = null;
    const canvas = this.canvas;
    canvas.addEventListener('pointerdown', e => {
      start = e.offsetX;
      canvas.setPointerCapture(e.pointerId);
    });
    canvas.addEventListener('pointermove', e => {
      if (start !== null && Math.abs(e.offsetX - start) > CLICK_PX) {
        const span = [this.time(start), this.time(e.offsetX)].sort((a, b) => a - b);
        this.state.setRange(span, true);
        this.tip.hidden = true;
      } else {
        this.showTip(e);
      }
    });
    canvas.addEventListener('pointerup', e => {
      const moved = start !== null && Math.abs(e.offsetX - start) > CLICK_PX;
      start = null;
      if (moved) {
        this.state.setRange(this.state.range);
        return;
      }
      const event = e.offsetX >= this.gutter ? this.nearest(e.offsetX, e.offsetY) : null;
      if (event) this.state.select(event, true);
    });
    canvas.addEventListener('pointerleave', () => { this.tip.hidden = true; });
    canvas.addEventListener('dblclick', () => this.zoom(this.state.range));
  }

  showTip(e) {
    const event = e.offsetX >= this.gutter ? this.nearest(e.offsetX, e.offsetY) : null;
    this.tip.hidden = !event;
    if (!event) return;
    const text = Hw.plain(event.data);
    this.tip.textContent = '+' + Hw.clock(event.t) + '  ' + event.sign + '  ' +
      (event.sign === '#' ? event.who + ' ' + event.kind + ': ' : '') + (text.length > 120 ? text.slice(0, 120) + '…' : text);
    const left = Math.min(e.offsetX + 14, this.width - this.tip.offsetWidth - 8);
    this.tip.style.left = Math.max(left, 4) + 'px';
    this.tip.style.top = (e.offsetY + 18) + 'px';
  }
}
