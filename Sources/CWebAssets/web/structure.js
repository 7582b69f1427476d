// The structure comparison: the forms of one network side by side, linked by provenance.
//
//   new Vitrine.Structure(element, { record, layouts }, { stages: [0, 1], colour: 'groups' })
//
// `record` is the report's `structure`; `layouts` has, per stage, the boxes and lines that were
// laid out. Fires 'vitrine-select' on the element, with { stage, node }.
(function () {
  'use strict';
  const V = window.Vitrine;
  const el = V.el;
  const label = (node) => node.modules[0] || node.name;
  const clip = (text, length) => (text.length > length ? text.slice(0, length - 1) + '…' : text);

  V.Structure = class {
    constructor(root, data, options = {}) {
      this.root = root;
      this.record = data.record;
      this.layouts = data.layouts;
      this.phrases = new Map(Object.entries(data.phrases || {}));
      this.colour = options.colour || 'groups';
      this.hasSteps = options.steps !== false && this.record.steps.length > 0;
      this.links = this.index();
      const wide = innerWidth >= 900;
      const last = this.record.stages.length - 1;
      const chosen = options.stages || (wide ? this.record.stages.map((_, i) => i) : [last]);
      this.visible = new Set(chosen);
      this.columns = [];
      root.classList.add('v-structure');
      root.append(this.toolbar(), this.body());
      this.paint();
      V.onTheme(() => this.paint());
      V.onLanguage(() => this.describe());
      this.describe();
      new ResizeObserver(() => this.place()).observe(this.stageRow);
    }

    /** Per stage and node: the counterparts in the stages before and after. */
    index() {
      const empty = () => this.record.stages.map((s) => s.nodes.map(() => []));
      const links = { before: empty(), after: empty() };
      for (const { stage, from, to } of this.record.links) {
        links.after[stage][from].push(to);
        links.before[stage + 1][to].push(from);
      }
      links.inputs = empty();
      links.outputs = empty();
      this.record.stages.forEach((stage, s) => {
        for (const [from, to] of stage.edges) {
          links.outputs[s][from].push(to);
          links.inputs[s][to].push(from);
        }
      });
      return links;
    }

    toolbar() {
      const chips = this.record.stages.map((stage, s) => {
        const box = el('input', { type: 'checkbox' });
        box.checked = this.visible.has(s);
        box.addEventListener('change', () => this.toggle(s, box));
        return el('label', { class: 'chip' }, box, el('span', { t: 'stage.' + stage.kind }));
      });
      const kinds = ['groups', 'milliseconds', 'operations', 'byteCount', 'precision', 'operator'];
      const select = el('select', { label: 'structure.colour' },
        ...kinds.filter((k) => this.has(k)).map((k) => el('option', { value: k, t: 'colour.' + k })));
      select.value = this.colour;
      select.addEventListener('change', () => { this.colour = select.value; this.paint(); });
      this.select = select;
      const search = el('input', { type: 'search', label: 'structure.search', size: 14 });
      const placeholder = () => { search.placeholder = V.t('structure.search'); };
      placeholder();
      V.onLanguage(placeholder);
      search.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') this.find(search.value);
      });
      const button = (text, name, action) => el('button',
        { type: 'button', class: 'icon', text, label: name, title: V.t(name), on: { click: action } });
      const each = (action) => () => this.shown().forEach((c) => action(c.viewport));
      return el('div', { class: 'toolbar' },
        this.record.stages.length > 1
          ? el('div', { class: 'chips', role: 'group', label: 'structure.stages' }, ...chips) : null,
        el('label', { class: 'field' }, el('span', { t: 'structure.colour' }), select),
        search,
        el('div', { class: 'buttons' },
          button('−', 'zoom.out', each((v) => v.zoom(1 / 1.4))),
          button('+', 'zoom.in', each((v) => v.zoom(1.4))),
          button('⤢', 'zoom.fit', each((v) => v.fit()))));
    }

    /** Whether any node has what a colouring shows. */
    has(kind) {
      const name = { groups: 'group', operator: 'operatorName' }[kind] || kind;
      return this.record.stages.some((stage) => stage.nodes.some((n) => n[name] !== undefined));
    }

    body() {
      this.stageRow = el('div', { class: 'stages' });
      this.record.stages.forEach((stage, s) => this.stageRow.append(this.column(stage, s)));
      this.details = el('div', { class: 'details', 'aria-live': 'off' });
      const side = el('aside', { class: 'side' }, this.details);
      if (this.hasSteps) side.append(this.stepper());
      this.legend = el('div', { class: 'legend' });
      return el('div', { class: 'body' },
        el('div', {}, this.stageRow, this.legend, el('p', { class: 'hint', t: 'structure.hint' }),
          V.lazyDetails('table.show', () => this.tables())), side);
    }

    column(stage, s) {
      const layout = this.layouts[s];
      const view = el('g');
      const svg = el('svg', { 'aria-hidden': 'true' }, view);
      const canvas = el('div', { class: 'canvas', tabindex: 0, role: 'application' }, svg);
      const node = el('section', { class: 'stage', 'data-kind': stage.kind },
        el('h4', {}, el('span', { t: 'stage.' + stage.kind }),
          el('span', { class: 'dim', t: ['structure.count', stage.nodes.length] })),
        el('div', { class: 'dim name', text: stage.name, title: stage.name }), canvas);
      node.hidden = !this.visible.has(s);
      const column = { node, svg, canvas, boxes: [], placed: false };
      view.append(this.clusters(stage, layout), el('path', { class: 'edges', d: this.path(stage, layout) }));
      column.lines = view.appendChild(el('path', { class: 'lines' }));
      stage.nodes.forEach((item, i) => {
        const box = this.box(item, layout.nodes[i]);
        box.dataset.index = i;
        view.append(box);
        column.boxes.push(box);
      });
      column.viewport = new V.Viewport(svg, view, [layout.width, layout.height], (scale) => {
        svg.classList.toggle('far', scale < 0.42);
      });
      column.viewport.watch(column.boxes.map((box, i) => {
        const [x, y, width, height] = layout.nodes[i];
        return [box, x - width / 2, y - height / 2, x + width / 2, y + height / 2];
      }));
      this.listen(column, s);
      this.columns.push(column);
      return node;
    }

    box(item, [x, y, width, height]) {
      return el('g', { class: 'node', transform: `translate(${x - width / 2} ${y - height / 2})` },
        el('rect', { width, height, rx: 5 }),
        el('text', { class: 'op', x: width / 2, y: 15, text: clip(item.operatorName, 30) }),
        el('text', { class: 'at', x: width / 2, y: 30, text: clip(label(item), 26) }));
    }

    /** A frame around each layer of the checkpoint. */
    clusters(stage, layout) {
      const frames = new Map();
      stage.nodes.forEach((node, i) => {
        const layers = new Set(node.modules.map((path) => path.split('.').slice(0, 2).join('.')));
        if (layers.size !== 1) return;
        const [key] = layers;
        const [x, y, w, h] = layout.nodes[i];
        const f = frames.get(key) || [Infinity, Infinity, -Infinity, -Infinity];
        frames.set(key, [Math.min(f[0], x - w / 2), Math.min(f[1], y - h / 2),
          Math.max(f[2], x + w / 2), Math.max(f[3], y + h / 2)]);
      });
      const group = el('g', { class: 'clusters' });
      for (const [key, f] of frames) {
        group.append(el('rect', { x: f[0] - 6, y: f[1] - 6, width: f[2] - f[0] + 12,
          height: f[3] - f[1] + 12, rx: 7 }),
        el('text', { x: f[0] - 1, y: f[1] - 9, text: key }));
      }
      return group;
    }

    path(stage, layout, only) {
      const straight = ([from, to]) => {
        const [a, b] = [layout.nodes[from], layout.nodes[to]];
        return `M${a[0]} ${a[1] + a[3] / 2}L${b[0]} ${b[1] - b[3] / 2}`;
      };
      return stage.edges.map((edge, e) => {
        if (only && !only(edge)) return '';
        const p = layout.edges[e];
        if (!p || p.length < 8) return straight(edge);
        return `M${p[0]} ${p[1]}C${p.slice(2).join(' ')}`;
      }).join('');
    }

    listen(column, s) {
      const at = (event) => {
        const node = event.target.closest('.node');
        return node ? Number(node.dataset.index) : null;
      };
      column.svg.addEventListener('click', (event) => {
        if (column.viewport.dragged >= 4) return;
        const i = at(event);
        column.canvas.focus({ preventScroll: true });
        if (i === null) this.clear(); else this.choose(s, i);
      });
      column.svg.addEventListener('pointerover', (event) => {
        if (event.pointerType !== 'mouse' || event.buttons) return;
        const i = at(event);
        if (i !== null) this.light(this.closure(s, i), [s, i]);
      });
      column.svg.addEventListener('pointerout', (event) => {
        if (event.pointerType === 'mouse' && at(event) !== null) this.restore();
      });
      column.canvas.addEventListener('keydown', (event) => this.key(event, s));
      column.canvas.addEventListener('focus', () => {
        if (!this.chosen && !this.step && column.canvas.matches(':focus-visible')) this.choose(s, 0);
      });
    }

    key(event, s) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { viewport } = this.columns[s];
      const i = this.chosen && this.chosen[0] === s ? this.chosen[1] : 0;
      const count = this.record.stages[s].nodes.length;
      const sideways = (step, list) => {
        const to = s + step;
        if (list && list.length && this.columns[to]) {
          this.reveal(to);
          this.columns[to].canvas.focus({ preventScroll: true });
          this.choose(to, list[0]);
        }
      };
      const go = (to) => { if (to !== undefined && to >= 0 && to < count) this.choose(s, to); };
      const actions = {
        ArrowDown: () => go(this.links.outputs[s][i][0] ?? i + 1),
        ArrowUp: () => go(this.links.inputs[s][i][0] ?? i - 1),
        ArrowRight: () => sideways(1, this.links.after[s][i]),
        ArrowLeft: () => sideways(-1, this.links.before[s][i]),
        PageDown: () => go(i + 1), PageUp: () => go(i - 1),
        Home: () => go(0), End: () => go(count - 1),
        '+': () => viewport.zoom(1.4), '=': () => viewport.zoom(1.4), '-': () => viewport.zoom(1 / 1.4),
        0: () => viewport.fit(), Escape: () => this.clear(),
        Enter: () => this.chosen && this.center(),
      };
      const action = actions[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    }

    /** Everything that a node came from and became, per stage. */
    closure(s, i) {
      const lit = this.record.stages.map(() => new Set());
      lit[s].add(i);
      for (let t = s; t > 0; t--) for (const n of lit[t]) for (const m of this.links.before[t][n]) lit[t - 1].add(m);
      for (let t = s; t + 1 < lit.length; t++) {
        for (const n of lit[t]) for (const m of this.links.after[t][n]) lit[t + 1].add(m);
      }
      return lit;
    }

    choose(s, i) {
      this.chosen = [s, i];
      this.step = null;
      this.restore();
      this.center();
      this.describe();
      const node = this.record.stages[s].nodes[i];
      V.announce([node.operatorName, label(node), node.output].filter(Boolean).join(', '));
      this.root.dispatchEvent(new CustomEvent('vitrine-select', { detail: { stage: s, node: i } }));
    }

    clear() {
      this.chosen = null;
      this.step = null;
      this.restore();
      this.describe();
      this.markStep();
    }

    restore() {
      if (this.chosen) this.light(this.closure(...this.chosen), this.chosen);
      else if (this.step) this.light(this.stepNodes(this.step));
      else this.light(null);
    }

    /** Lights nodes and fades the others; null lights all. */
    light(lit, chosen) {
      this.root.classList.toggle('has-lit', Boolean(lit));
      for (const node of this.marked || []) node.classList.remove('lit', 'chosen');
      this.marked = [];
      this.lit = lit;
      this.columns.forEach((column, s) => {
        const set = lit ? lit[s] : new Set();
        for (const i of set) {
          column.boxes[i].classList.add('lit');
          this.marked.push(column.boxes[i]);
        }
        column.lines.setAttribute('d', lit
          ? this.path(this.record.stages[s], this.layouts[s], (e) => set.has(e[0]) || set.has(e[1])) : '');
      });
      if (chosen) this.columns[chosen[0]].boxes[chosen[1]].classList.add('chosen');
    }

    /** Brings what is lit into view in every column. */
    center() {
      this.columns.forEach((column, s) => {
        const set = this.lit && this.lit[s];
        if (!set || !set.size || column.node.hidden) return;
        const own = this.chosen && this.chosen[0] === s;
        const boxes = [...(own ? [this.chosen[1]] : set)].map((i) => this.layouts[s].nodes[i]);
        if (column.viewport.scale < 0.3 && !own) column.viewport.scale = 0.6;
        column.viewport.show([
          Math.min(...boxes.map((b) => b[0] - b[2] / 2)), Math.min(...boxes.map((b) => b[1] - b[3] / 2)),
          Math.max(...boxes.map((b) => b[0] + b[2] / 2)), Math.max(...boxes.map((b) => b[1] + b[3] / 2)),
        ], !own);
      });
    }

    shown() { return this.columns.filter((_, s) => this.visible.has(s)); }

    toggle(s, box) {
      if (box.checked) this.visible.add(s);
      else if (this.visible.size > 1) this.visible.delete(s);
      else box.checked = true;
      this.columns[s].node.hidden = !this.visible.has(s);
      this.place();
      this.restore();
    }

    reveal(s) {
      if (this.visible.has(s)) return;
      const boxes = this.root.querySelectorAll('.chips input');
      if (innerWidth < 900) {
        boxes.forEach((box, other) => { if (other !== s && box.checked) { box.checked = false; this.visible.delete(other); this.columns[other].node.hidden = true; } });
      }
      if (boxes[s]) boxes[s].checked = true;
      this.visible.add(s);
      this.columns[s].node.hidden = false;
      this.place();
    }

    /** Gives columns that were never shown their first view. */
    place() {
      this.columns.forEach((column, s) => {
        if (!this.visible.has(s) || column.placed || !column.svg.clientWidth) return;
        column.placed = true;
        column.viewport.top((this.layouts[s].nodes[0] || [])[0]);
      });
    }

    find(text) {
      const wanted = text.trim().toLowerCase();
      if (!wanted) return this.clear();
      const hits = [];
      this.record.stages.forEach((stage, s) => {
        if (!this.visible.has(s)) return;
        stage.nodes.forEach((node, i) => {
          const all = [node.name, node.operatorName, ...node.modules].join(' ').toLowerCase();
          if (all.includes(wanted)) hits.push([s, i]);
        });
      });
      if (!hits.length) return V.announce(V.t('structure.nothing'));
      const place = this.chosen ? hits.findIndex(([s, i]) => s === this.chosen[0] && i === this.chosen[1]) : -1;
      this.choose(...hits[(place + 1) % hits.length]);
    }
  };
})();
