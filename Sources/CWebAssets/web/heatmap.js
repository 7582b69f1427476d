// The bottleneck heat map: time on the graph, as a sorted map and under the roof.
//
//   new Vitrine.HeatMap(element, { structure: { record, layouts }, stage, tree, roofline })
//
// `structure` may be null; `tree` and `roofline` are charts' data.
(function () {
  'use strict';
  const V = window.Vitrine;
  const el = V.el;

  V.HeatMap = class {
    constructor(root, data) {
      root.classList.add('v-heatmap');
      const panes = [];
      if (data.structure) {
        const graph = el('div', { class: 'pane graph' });
        panes.push(['heat.graph', graph, () => {
          this.structure = new V.Structure(graph, data.structure,
            { stages: [data.stage], colour: 'milliseconds', steps: false });
        }]);
      }
      const tree = el('div', { class: 'chart tall' });
      const form = el('select', { label: 'heat.form' },
        el('option', { value: 'treemap', t: 'heat.treemap' }), el('option', { value: 'icicle', t: 'heat.icicle' }));
      const map = { ...data.tree, form: 'treemap', height: 480 };
      form.addEventListener('change', () => { map.form = form.value; V.themeChanged(); });
      panes.push(['heat.map', el('div', { class: 'pane' }, V.hasPlotly() ? el('div', { class: 'toolbar' }, form) : null, tree),
        () => V.chart(tree, map)]);
      if (data.roofline) {
        const roof = el('div', { class: 'chart tall' });
        panes.push(['heat.roofline', el('div', { class: 'pane' }, roof,
          el('p', { class: 'hint', t: 'heat.roofhint' })), () => V.chart(roof, { ...data.roofline, height: 460 })]);
      }
      this.tabs(root, panes);
    }

    /** Panes behind tabs, made when first shown; arrows move between tabs. */
    tabs(root, panes) {
      const opened = new Set();
      const buttons = panes.map(([key], i) => el('button', {
        type: 'button', role: 'tab', t: key, on: { click: () => show(i) } }));
      const bar = el('div', { role: 'tablist', class: 'tabs' }, ...buttons);
      const show = (i) => {
        panes.forEach(([, pane], other) => {
          pane.hidden = other !== i;
          buttons[other].setAttribute('aria-selected', String(other === i));
          buttons[other].tabIndex = other === i ? 0 : -1;
        });
        if (!opened.has(i)) { opened.add(i); panes[i][2](); }
      };
      bar.addEventListener('keydown', (event) => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!by) return;
        const next = (buttons.indexOf(document.activeElement) + by + buttons.length) % buttons.length;
        show(next);
        buttons[next].focus();
      });
      root.append(bar, ...panes.map(([, pane]) => { pane.setAttribute('role', 'tabpanel'); return pane; }));
      show(0);
    }
  };
})();
