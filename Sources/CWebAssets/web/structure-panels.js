// The structure comparison's colours, details, list of edits and tables.
(function () {
  'use strict';
  const V = window.Vitrine;
  const el = V.el;
  const label = (node) => node.modules[0] || node.name;

  Object.assign(V.Structure.prototype, {
    /** Colours every box by what was chosen. */
    paint() {
      V.isDarkNow = V.isDark();
      const kind = this.colour;
      const isNumber = ['milliseconds', 'operations', 'byteCount'].includes(kind);
      const names = new Map();
      const panel = V.color('panel');
      this.record.stages.forEach((stage, s) => {
        const most = isNumber ? Math.max(0, ...stage.nodes.map((n) => n[kind] || 0)) : 0;
        stage.nodes.forEach((node, i) => {
          let fill = panel;
          let ink = '';
          let edge = '';
          if (isNumber) {
            if (node[kind] !== undefined && most > 0) {
              const c = V.heat(Math.sqrt(node[kind] / most));
              [fill, ink] = [V.css(c), V.inkOn(c)];
            }
          } else {
            const value = { groups: node.group, precision: node.precision, operator: node.operatorName }[kind];
            if (value !== undefined) {
              if (!names.has(value)) names.set(value, kind === 'groups' ? value : names.size);
              edge = V.hue(names.get(value));
              fill = `color-mix(in srgb, ${edge} ${V.isDarkNow ? 34 : 20}%, ${panel})`;
            }
          }
          const box = this.columns[s].boxes[i];
          box.style.setProperty('--fill', fill);
          box.style.setProperty('--edge', edge || 'var(--node-line)');
          box.style.setProperty('--text', ink || 'var(--ink)');
        });
      });
      this.showLegend(kind, isNumber, names);
    },

    showLegend(kind, isNumber, names) {
      const parts = [];
      if (isNumber) {
        const stops = V.heatScale().map(([, colour]) => colour).join(',');
        parts.push(el('span', { t: 'legend.less' }),
          el('span', { class: 'ramp', style: `background:linear-gradient(90deg,${stops})` }),
          el('span', { t: 'legend.more' }));
      } else if (kind === 'groups') {
        parts.push(el('span', { t: 'legend.groups' }));
      } else {
        for (const [name, index] of [...names].slice(0, 12)) {
          parts.push(el('span', { class: 'key' },
            el('i', { style: `background:${V.hue(index)}` }), name));
        }
      }
      this.legend.replaceChildren(...parts);
    },

    facts(node) {
      const fusion = node.group === undefined ? null : V.t('details.group', node.group + 1);
      return [
        ['details.name', node.name],
        ['details.modules', node.modules.join(', ')],
        ['details.output', node.output],
        ['details.attributes', node.attributes],
        ['details.operations', node.operations === undefined ? null : V.operations(node.operations)],
        ['details.bytes', node.byteCount === undefined ? null : V.bytes(node.byteCount)],
        ['details.weights', node.weightByteCount ? V.bytes(node.weightByteCount) : null],
        ['details.precision', node.precision],
        ['details.time', node.milliseconds === undefined ? null : V.milliseconds(node.milliseconds)],
        ['details.fusion', fusion],
      ].filter(([, value]) => value);
    },

    describe() {
      if (this.step) return this.describeStep();
      if (!this.chosen) {
        this.details.replaceChildren(el('p', { class: 'dim', t: 'details.none' }));
        return;
      }
      const [s, i] = this.chosen;
      const node = this.record.stages[s].nodes[i];
      const list = el('dl', {}, ...this.facts(node).flatMap(([key, value]) =>
        [el('dt', { t: key }), el('dd', { text: value })]));
      const lit = this.closure(s, i);
      const parts = [el('h4', { text: node.operatorName }),
        el('p', { class: 'dim', t: 'stage.' + this.record.stages[s].kind }), list];
      this.record.stages.forEach((stage, t) => {
        if (t === s || !lit[t].size) return;
        parts.push(el('h5', {},
          el('span', { t: t < s ? 'details.from' : 'details.became' }), ' ',
          el('span', { class: 'dim', t: 'stage.' + stage.kind })),
        this.counterparts(t, [...lit[t]]));
      });
      this.details.replaceChildren(...parts);
    },

    counterparts(s, indices) {
      const stage = this.record.stages[s];
      const list = el('ul', { class: 'counterparts' }, ...indices.slice(0, 40).map((i) => {
        const node = stage.nodes[i];
        const open = () => { this.reveal(s); this.choose(s, i); };
        return el('li', {}, el('button', { type: 'button', on: { click: open } },
          el('b', { text: node.operatorName }), ' ', label(node)));
      }));
      if (indices.length > 40) list.append(el('li', { class: 'dim', text: `… ${indices.length - 40}` }));
      return list;
    },

    // The list of edits

    /** What an edit says, in the page's language where the catalogue has it. */
    said(text) {
      const phrase = this.phrases.get(text);
      return phrase ? { t: phrase } : { text };
    },

    stepper() {
      const steps = this.record.steps;
      const go = (by) => () => this.takeStep((this.step ? this.step.place : by > 0 ? -1 : steps.length) + by);
      this.stepList = el('ol', { class: 'steps', tabindex: 0, label: 'steps.title' },
        ...steps.map((step, place) => el('li', {}, el('button',
          { type: 'button', tabindex: -1, on: { click: () => this.takeStep(place) } },
          el('span', { class: 'dim', text: step.number }), ' ', el('span', this.said(step.reason.split(':')[0]))))));
      this.stepList.addEventListener('keydown', (event) => {
        const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
        if (by) { event.preventDefault(); go(by)(); }
        if (event.key === 'Escape') this.clear();
      });
      this.stepCount = el('span', { class: 'dim' });
      return el('section', { class: 'stepper' },
        el('h4', {}, el('span', { t: ['steps.count', steps.length] })),
        el('div', { class: 'buttons' },
          el('button', { type: 'button', t: 'steps.previous', on: { click: go(-1) } }),
          el('button', { type: 'button', t: 'steps.next', on: { click: go(1) } }), this.stepCount),
        this.stepList);
    },

    takeStep(place) {
      const steps = this.record.steps;
      place = Math.max(0, Math.min(steps.length - 1, place));
      this.chosen = null;
      this.step = Object.assign({ place }, steps[place]);
      this.restore();
      this.center();
      this.describe();
      this.markStep();
      const phrase = this.phrases.get(this.step.reason);
      V.announce(phrase ? V.t(...phrase) : this.step.reason);
    },

    stepNodes(step) {
      const lit = this.record.stages.map(() => new Set());
      this.record.stages.forEach((stage, s) => {
        if (stage.kind === 'onnx') step.sources.forEach((i) => lit[s].add(i));
        if (stage.kind === 'optimised') step.results.forEach((i) => lit[s].add(i));
      });
      this.record.stages.forEach((stage, s) => {
        if (stage.kind === 'modules') {
          for (const i of lit[s + 1] || []) for (const m of this.links.before[s + 1][i]) lit[s].add(m);
        }
        if (stage.kind === 'plan') {
          for (const i of lit[s - 1] || []) for (const m of this.links.after[s - 1][i]) lit[s].add(m);
        }
      });
      return lit;
    },

    markStep() {
      if (!this.stepList) return;
      const place = this.step ? this.step.place : -1;
      [...this.stepList.children].forEach((item, i) => item.classList.toggle('current', i === place));
      this.stepCount.textContent = this.step ? `${place + 1} / ${this.record.steps.length}` : '';
      const item = this.stepList.children[place];
      if (item) {
        this.stepList.scrollTop = item.offsetTop - this.stepList.clientHeight / 2;
      }
    },

    describeStep() {
      const step = this.step;
      const lines = (title, texts) => (texts.length
        ? [el('h5', { t: title }), el('pre', { tabindex: 0, text: texts.slice(0, 40).join('\n') })] : []);
      this.details.replaceChildren(
        el('h4', { text: `${step.number}. ${step.rule}` }),
        el('p', { class: 'dim', text: step.pass }),
        el('p', this.said(step.reason)),
        ...lines('steps.before', step.before), ...lines('steps.after', step.after));
    },

    /** Every stage as a table. */
    tables() {
      return el('div', {}, ...this.record.stages.flatMap((stage) => [
        el('h5', {}, el('span', { t: 'stage.' + stage.kind }), ' ', stage.name),
        V.table(['details.name', 'details.operator', 'details.modules', 'details.output',
          'details.operations', 'details.bytes', 'details.precision', 'details.time'],
        stage.nodes.map((n) => [n.name, n.operatorName, n.modules.join(', '), n.output || '',
          n.operations === undefined ? '' : V.operations(n.operations),
          n.byteCount === undefined ? '' : V.bytes(n.byteCount), n.precision || '',
          n.milliseconds === undefined ? '' : V.milliseconds(n.milliseconds)]), [4, 5, 7]),
      ]));
    },
  });
})();
