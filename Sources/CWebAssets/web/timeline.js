// The pipeline over time: lanes per thread and stream, parts below their whole, the critical path.
//
//   new Vitrine.Timeline(element, timeline)
(function () {
  'use strict';
  const V = window.Vitrine;
  const el = V.el;
  const ROW = 22;
  const HEAD = 26;
  const hues = {
    load: 7, decode: 4, letterbox: 2, hostToDevice: 6, enqueue: 8, compute: 0, layer: 5,
    deviceToHost: 6, suppress: 3, draw: 1, other: 7,
  };

  V.Timeline = class {
    constructor(root, timeline) {
      this.root = root;
      this.data = timeline;
      this.spans = timeline.spans;
      this.critical = new Set(timeline.criticalPath);
      this.depths = [];
      this.spans.forEach((span, i) => {
        const parent = span.parent;
        const isBelow = parent !== undefined && parent < i && this.spans[parent].lane === span.lane;
        this.depths[i] = isBelow ? this.depths[parent] + 1 : 0;
      });
      this.onlyCritical = false;
      this.length = Math.max(1e-3, ...this.spans.map((s) => s.start + s.duration),
        ...timeline.instants.map((i) => i.time));
      this.range = [0, this.length];
      this.lanes();
      root.classList.add('v-timeline');
      this.build();
      this.draw();
      V.onTheme(() => this.draw());
      V.onLanguage(() => { this.draw(); this.describe(); });
      new ResizeObserver(() => this.draw()).observe(this.canvas);
    }

    /** Where each lane begins: as many rows as its spans are deep. */
    lanes() {
      const depth = this.data.lanes.map(() => 0);
      this.spans.forEach((span, i) => {
        depth[span.lane] = Math.max(depth[span.lane] || 0, this.depths[i]);
      });
      let top = HEAD;
      this.tops = this.data.lanes.map((_, lane) => {
        const here = top;
        top += (depth[lane] + 1) * ROW + 26;
        return here;
      });
      this.height = top;
    }

    build() {
      this.svg = el('svg', { height: this.height, 'aria-hidden': 'true' });
      this.canvas = el('div', { class: 'canvas', tabindex: 0, role: 'application', label: 'timeline.keys' },
        this.svg);
      this.tip = el('div', { class: 'tip', hidden: true });
      this.details = el('div', { class: 'details row' });
      const box = el('input', { type: 'checkbox' });
      box.addEventListener('change', () => { this.onlyCritical = box.checked; this.draw(); });
      const button = (text, name, action) => el('button',
        { type: 'button', class: 'icon', text, label: name, title: V.t(name), on: { click: action } });
      const used = [...new Set(this.spans.map((s) => s.category))];
      this.root.append(
        el('div', { class: 'toolbar' },
          el('label', { class: 'chip' }, box, el('span', { t: 'timeline.critical' })),
          el('div', { class: 'buttons' },
            button('−', 'zoom.out', () => this.zoom(1.6)), button('+', 'zoom.in', () => this.zoom(1 / 1.6)),
            button('⤢', 'zoom.fit', () => this.reset()))),
        el('div', { class: 'frame' }, this.canvas, this.tip),
        el('div', { class: 'legend' }, ...used.map((c) => el('span', { class: 'key' },
          el('i', { 'data-hue': hues[c] ?? 7 }), el('span', { t: 'span.' + c }))),
        el('span', { class: 'key' }, el('i', { class: 'critical' }), el('span', { t: 'timeline.onpath' }))),
        this.details, el('p', { class: 'hint', t: 'timeline.hint' }));
      this.listen();
      this.describe();
    }

    x(time) { return ((time - this.range[0]) / (this.range[1] - this.range[0])) * this.width; }
    time(x) { return this.range[0] + (x / this.width) * (this.range[1] - this.range[0]); }

    draw() {
      this.width = this.canvas.clientWidth;
      if (!this.width) return;
      V.isDarkNow = V.isDark();
      const parts = [];
      this.axis(parts);
      this.data.lanes.forEach((name, lane) => {
        parts.push(el('line', { class: 'rule', x1: 0, x2: this.width, y1: this.tops[lane] + 18, y2: this.tops[lane] + 18 }),
          el('text', { class: 'lane', x: 6, y: this.tops[lane] + 13, text: name }));
      });
      this.boxes = new Map();
      let last = null;
      this.spans.forEach((span, i) => {
        if (span.start + span.duration < this.range[0] || span.start > this.range[1]) return;
        const x0 = Math.max(-4, this.x(span.start));
        const x1 = Math.min(this.width + 4, this.x(span.start + span.duration));
        const y = this.tops[span.lane] + 20 + this.depths[i] * ROW;
        // Spans thinner than a hair that would cover each other are one.
        if (last && x1 - x0 < 0.4 && last.y === y && x0 - last.x < 0.4 && i !== this.chosen) return;
        last = { x: x0, y };
        parts.push(this.box(span, i, x0, Math.max(0.8, x1 - x0), y));
      });
      for (const instant of this.data.instants) {
        const x = this.x(instant.time);
        if (x < 0 || x > this.width) continue;
        parts.push(el('path', { class: 'instant', d: `M${x} ${this.tops[instant.lane] + 20}l4 6l-4 6l-4 -6z` },
          el('title', { text: instant.name })));
      }
      if (this.chosen !== undefined) this.arrows(parts);
      this.svg.replaceChildren(...parts);
      for (const i of this.root.querySelectorAll('.legend [data-hue]')) {
        i.style.background = V.hue(Number(i.dataset.hue));
      }
    }

    box(span, i, x, width, y) {
      const hue = V.hue(hues[span.category] ?? 7);
      const group = el('g', {
        class: 'span' + (width < 5 ? ' thin' : '')
          + (this.critical.has(i) ? ' critical' : this.onlyCritical ? ' faded' : '')
          + (i === this.chosen ? ' chosen' : ''),
      });
      group.dataset.index = i;
      group.append(el('rect', { x, y, width, height: ROW - 3, rx: width > 6 ? 3 : 0,
        style: `--hue:${hue}` }));
      if (width > 34) {
        const room = Math.floor((width - 8) / 6.4);
        const text = span.name.length > room ? span.name.slice(0, Math.max(1, room - 1)) + '…' : span.name;
        group.append(el('text', { x: Math.max(x, 0) + 4, y: y + 13.5, text }));
      }
      this.boxes.set(i, group);
      return group;
    }

    axis(parts) {
      const span = this.range[1] - this.range[0];
      const rough = span / Math.max(2, this.width / 110);
      const power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
      for (let t = Math.ceil(this.range[0] / step) * step; t <= this.range[1]; t += step) {
        const x = this.x(t);
        parts.push(el('line', { class: 'tick', x1: x, x2: x, y1: 18, y2: this.height }),
          el('text', { class: 'time', x: x + 3, y: 13, text: Math.abs(t) < 1e-9 ? '0' : V.milliseconds(t) }));
      }
    }

    /** Lines from what the chosen span waited for. */
    arrows(parts) {
      const span = this.spans[this.chosen];
      for (const before of span.after) {
        const from = this.spans[before];
        if (!from) continue;
        const y = (i, s) => this.tops[s.lane] + 20 + this.depths[i] * ROW + 9;
        const [x0, x1] = [this.x(from.start + from.duration), this.x(span.start)];
        parts.push(el('path', { class: 'needs',
          d: `M${x0} ${y(before, from)}C${x0 + 20} ${y(before, from)} ${x1 - 20} ${y(this.chosen, span)} ${x1} ${y(this.chosen, span)}` }));
      }
    }

    listen() {
      const at = (event) => {
        const node = event.target.closest('.span');
        return node ? Number(node.dataset.index) : undefined;
      };
      let drag = null;
      this.svg.addEventListener('pointerdown', (event) => { drag = { x: event.clientX, range: [...this.range], far: 0 }; });
      this.svg.addEventListener('pointermove', (event) => {
        if (drag && event.buttons) {
          const by = ((event.clientX - drag.x) / this.width) * (drag.range[1] - drag.range[0]);
          drag.far = Math.max(drag.far, Math.abs(event.clientX - drag.x));
          if (drag.far > 3) this.set(drag.range[0] - by, drag.range[1] - by);
        } else this.hover(event, at(event));
      });
      this.svg.addEventListener('pointerleave', () => { this.tip.hidden = true; });
      this.svg.addEventListener('click', (event) => {
        this.canvas.focus({ preventScroll: true });
        if (!drag || drag.far <= 3) this.choose(at(event));
      });
      this.svg.addEventListener('dblclick', (event) => {
        const i = at(event);
        if (i !== undefined) this.show(i);
      });
      this.svg.addEventListener('wheel', (event) => {
        if (!(event.ctrlKey || event.metaKey || this.canvas === document.activeElement)) return;
        event.preventDefault();
        const x = event.clientX - this.svg.getBoundingClientRect().left;
        this.zoom(Math.exp(event.deltaY * 0.0016), this.time(x));
      }, { passive: false });
      this.canvas.addEventListener('keydown', (event) => this.key(event));
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const i = this.chosen;
      const siblings = this.spans.map((_, n) => n).filter((n) => i === undefined
        ? this.depths[n] === 0
        : this.depths[n] === this.depths[i] && this.spans[n].lane === this.spans[i].lane);
      siblings.sort((a, b) => this.spans[a].start - this.spans[b].start);
      const place = siblings.indexOf(i);
      const actions = {
        ArrowRight: () => this.choose(siblings[Math.min(siblings.length - 1, place + 1)], true),
        ArrowLeft: () => this.choose(siblings[Math.max(0, place - 1)], true),
        ArrowDown: () => {
          const child = this.spans.findIndex((s) => s.parent === i && i !== undefined);
          if (child >= 0) this.choose(child, true);
        },
        ArrowUp: () => { if (i !== undefined && this.spans[i].parent !== undefined) this.choose(this.spans[i].parent, true); },
        Enter: () => { if (i !== undefined) this.show(i); },
        '+': () => this.zoom(1 / 1.6), '=': () => this.zoom(1 / 1.6), '-': () => this.zoom(1.6),
        0: () => this.reset(), Escape: () => { this.choose(undefined); this.reset(); },
      };
      const action = actions[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    }

    set(from, to) {
      const size = Math.min(this.length * 1.02, Math.max(1e-4, to - from));
      const start = Math.max(-this.length * 0.01, Math.min(from, this.length * 1.01 - size));
      this.range = [start, start + size];
      this.draw();
    }

    zoom(factor, around = (this.range[0] + this.range[1]) / 2) {
      this.set(around - (around - this.range[0]) * factor, around + (this.range[1] - around) * factor);
    }

    reset() { this.set(0, this.length); }

    show(i) {
      const { start, duration } = this.spans[i];
      this.set(start - duration * 0.1, start + duration * 1.1);
    }

    choose(i, follow) {
      this.chosen = i;
      if (i !== undefined && follow) {
        const { start, duration } = this.spans[i];
        if (start < this.range[0] || start + duration > this.range[1]) {
          const size = Math.max(this.range[1] - this.range[0], duration * 1.2);
          this.set(start + duration / 2 - size / 2, start + duration / 2 + size / 2);
        }
        V.announce(this.words(i));
      }
      this.draw();
      this.describe();
    }

    words(i) {
      const span = this.spans[i];
      return `${span.name}, ${V.t('span.' + span.category)}, ${V.milliseconds(span.duration)}`;
    }

    facts(i) {
      const span = this.spans[i];
      return [
        ['timeline.category', V.t('span.' + span.category)],
        ['timeline.start', V.milliseconds(span.start)],
        ['timeline.duration', V.milliseconds(span.duration)],
        ['timeline.picture', span.picture === undefined ? null : String(span.picture + 1)],
        ['timeline.onpath', this.critical.has(i) ? V.t('yes') : V.t('no')],
      ].filter(([, v]) => v).concat(Object.entries(span.arguments || {}));
    }

    describe() {
      if (this.chosen === undefined) {
        this.details.replaceChildren(el('p', { class: 'dim', t: 'timeline.none' }));
        return;
      }
      this.details.replaceChildren(el('h4', { text: this.spans[this.chosen].name }),
        el('dl', {}, ...this.facts(this.chosen).flatMap(([k, v]) =>
          [el('dt', { text: V.t(k) }), el('dd', { text: v })])));
    }

    hover(event, i) {
      this.tip.hidden = i === undefined;
      if (i === undefined) return;
      this.tip.replaceChildren(el('b', { text: this.spans[i].name }),
        ...this.facts(i).slice(0, 5).map(([k, v]) => el('div', { text: `${V.t(k)}: ${v}` })));
      const frame = this.canvas.getBoundingClientRect();
      const x = Math.min(event.clientX - frame.left + 14, frame.width - this.tip.offsetWidth - 4);
      this.tip.style.left = `${Math.max(0, x)}px`;
      this.tip.style.top = `${event.clientY - frame.top + 16}px`;
    }
  };
})();
