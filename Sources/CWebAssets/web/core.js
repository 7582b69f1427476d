// What every component shares: words, elements, numbers, colours. One global: Vitrine.
(function () {
  'use strict';
  const V = (window.Vitrine = window.Vitrine || {});
  V.catalogues = V.catalogues || {};
  V.language = 'en';
  const languageListeners = [];
  const themeListeners = [];

  /** The text of a key in the current language; {0}, {1} … are replaced. An insertion that is a list is a key with
   * insertions of its own. */
  V.t = function (key, ...args) {
    const own = V.catalogues[V.language] || {};
    const text = own[key] ?? (V.catalogues.en || {})[key] ?? key;
    const said = (arg) => (Array.isArray(arg) ? V.t(...arg) : String(arg));
    return text.replace(/\{(\d)\}/g, (whole, n) => (args[n] === undefined ? whole : said(args[n])));
  };
  V.onLanguage = (listener) => languageListeners.push(listener);
  V.onTheme = (listener) => themeListeners.push(listener);
  V.setLanguage = function (language) {
    if (!V.catalogues[language]) return;
    V.language = language;
    document.documentElement.lang = language;
    V.translate(document);
    for (const listener of languageListeners) listener();
  };
  V.themeChanged = () => themeListeners.forEach((listener) => listener());

  /** Rewrites every marked text below a root. */
  V.translate = function (root) {
    for (const node of root.querySelectorAll('[data-t]')) {
      const args = node.dataset.a ? JSON.parse(node.dataset.a) : [];
      node.textContent = V.t(node.dataset.t, ...args);
    }
    for (const node of root.querySelectorAll('[data-t-label]')) {
      const text = V.t(node.dataset.tLabel);
      node.setAttribute('aria-label', text);
      if (node.title) node.title = text;
    }
  };

  /** An element; `t` marks a text for translation, `on` are listeners, the rest attributes. */
  V.el = function (tag, options = {}, ...children) {
    const svg = V.svgTags.has(tag);
    const node = svg
      ? document.createElementNS('http://www.w3.org/2000/svg', tag)
      : document.createElement(tag);
    for (const [name, value] of Object.entries(options)) {
      if (value === undefined || value === null || value === false) continue;
      if (name === 't') {
        const [key, ...args] = [].concat(value);
        node.dataset.t = key;
        if (args.length) node.dataset.a = JSON.stringify(args);
        node.textContent = V.t(key, ...args);
      } else if (name === 'label') {
        node.dataset.tLabel = value;
        node.setAttribute('aria-label', V.t(value));
      } else if (name === 'text') node.textContent = value;
      else if (name === 'on') {
        for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
      } else if (name === 'class') node.setAttribute('class', value);
      else node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  V.svgTags = new Set(['svg', 'g', 'rect', 'path', 'text', 'line', 'circle', 'defs', 'title']);

  /** A table from texts; `numeric` columns are set flush right. */
  V.table = function (headers, rows, numeric = []) {
    const align = (column) => (numeric.includes(column) ? 'n' : null);
    const cell = (tag) => (content, column) =>
      Array.isArray(content) && tag === 'th'
        ? V.el(tag, { class: align(column), t: content, scope: 'col' })
        : V.el(tag, { class: align(column), text: content ?? '' });
    return V.el('div', { class: 'scroll', tabindex: 0 },
      V.el('table', {},
        V.el('thead', {}, V.el('tr', {}, ...headers.map((h, i) => cell('th')([h], i)))),
        V.el('tbody', {}, ...rows.map((row) => V.el('tr', {}, ...row.map(cell('td')))))));
  };

  /** Details whose content is made when they are first opened. */
  V.lazyDetails = function (summary, make) {
    const node = V.el('details', { class: 'table' }, V.el('summary', { t: summary }));
    node.addEventListener('toggle', () => {
      if (node.open && node.children.length === 1) node.append(make());
    });
    return node;
  };

  V.number = function (value, digits = 3) {
    if (value === null || value === undefined || !isFinite(value)) return '–';
    const size = Math.abs(value);
    if (size === 0) return '0';
    const places = Math.max(0, Math.min(6, digits - 1 - Math.floor(Math.log10(size))));
    return value.toFixed(places);
  };
  const scaled = (units, base) => (value) => {
    if (value === null || value === undefined || !isFinite(value)) return '–';
    let unit = 0;
    while (Math.abs(value) >= base && unit < units.length - 1) {
      value /= base;
      unit += 1;
    }
    return (unit === 0 ? String(Math.round(value)) : V.number(value)) + ' ' + units[unit];
  };
  V.bytes = scaled(['B', 'kB', 'MB', 'GB', 'TB'], 1000);
  V.operations = scaled(['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP'], 1000);
  V.milliseconds = (value) => {
    if (value === null || value === undefined || !isFinite(value)) return '–';
    return Math.abs(value) < 0.1 ? V.number(value * 1000) + ' µs' : V.number(value) + ' ms';
  };
  V.percent = (value) => (value === null || value === undefined ? '–' : V.number(value * 100) + ' %');

  /** A style variable as a colour that scripts can use, light or dark. */
  V.color = function (name) {
    const probe = V.color.probe || (V.color.probe = document.body.appendChild(
      V.el('span', { style: 'display:none', 'aria-hidden': 'true' })));
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  V.isDark = () => V.color('bg').match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) < 384;

  // Lightness falls (rises, where it is dark) all the way, so the order shows without colour.
  const ramps = {
    light: [[255, 246, 225], [253, 205, 140], [240, 131, 84], [194, 58, 90], [108, 28, 85]],
    dark: [[45, 36, 58], [112, 31, 87], [201, 64, 92], [244, 152, 92], [255, 236, 190]],
  };
  /** The colour of a share, 0 to 1, as `[r, g, b]`. */
  V.heat = function (share) {
    const ramp = V.isDarkNow ? ramps.dark : ramps.light;
    const place = Math.max(0, Math.min(1, share || 0)) * (ramp.length - 1);
    const low = Math.min(ramp.length - 2, Math.floor(place));
    return ramp[low].map((c, i) => Math.round(c + (ramp[low + 1][i] - c) * (place - low)));
  };
  V.heatScale = () => (V.isDarkNow ? ramps.dark : ramps.light)
    .map((c, i, all) => [i / (all.length - 1), `rgb(${c.join(',')})`]);
  V.css = (c) => `rgb(${c.join(',')})`;
  V.inkOn = (c) => (c[0] * 0.299 + c[1] * 0.587 + c[2] * 0.114 > 140 ? '#16181d' : '#ffffff');
  // Okabe and Ito's colours, which the colour-blind tell apart, and their lighter sisters.
  V.hues = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8a6d00', '#6a6f7a',
    '#7a4fb3', '#b3446c'];
  V.lightHues = ['#4fa3dd', '#ff8e52', '#35c796', '#e3abcb', '#ffc14f', '#8fd0f5', '#c9ad45', '#a8afbb',
    '#b7a2e6', '#e8849f'];
  V.hue = (index) => {
    const all = V.isDarkNow ? V.lightHues : V.hues;
    return all[((index % all.length) + all.length) % all.length];
  };

  V.announce = function (text) {
    const region = V.announce.region || (V.announce.region = document.body.appendChild(
      V.el('div', { class: 'visually-hidden', 'aria-live': 'polite' })));
    region.textContent = text;
  };
})();
