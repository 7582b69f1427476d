// The page: reads its data, starts the tools and charts, keeps the reader's choices.
(function () {
  'use strict';
  const V = window.Vitrine;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  V.catalogues = read('words');

  // A page opened from a file may have no storage.
  const remembered = (key) => { try { return sessionStorage.getItem(key); } catch { return null; } };
  const remember = (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* fine */ } };

  const language = document.getElementById('language');
  const setLanguage = (value) => {
    V.setLanguage(value);
    language.value = value;
    remember('vitrine-language', value);
  };
  language.addEventListener('change', () => setLanguage(language.value));

  const theme = document.getElementById('theme');
  const setTheme = (value) => {
    if (value === 'auto') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.dataset.theme = value;
    theme.value = value;
    remember('vitrine-theme', value);
    V.themeChanged();
  };
  theme.addEventListener('change', () => setTheme(theme.value));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => V.themeChanged());

  V.isDarkNow = V.isDark();
  setTheme(remembered('vitrine-theme') || 'auto');
  setLanguage(remembered('vitrine-language') || document.documentElement.lang);

  const tools = { structure: V.Structure, timeline: V.Timeline, heatmap: V.HeatMap };
  const structures = new Map();
  const start = (element) => {
    const data = read(element.dataset.source);
    const kind = element.dataset.tool;
    if (kind === 'structure') structures.set(element.dataset.source, data);
    if (kind === 'heatmap' && data.structure) {
      const source = data.structure;
      if (!structures.has(source)) structures.set(source, read(source));
      data.structure = structures.get(source);
    }
    new tools[kind](element, data);
    element.setAttribute('data-ready', '');
  };
  // Tools are built when they come near the screen, or all at once for printing and tests.
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watch.unobserve(entry.target);
      start(entry.target);
    }
  }, { rootMargin: '800px' });
  document.querySelectorAll('[data-tool]').forEach((element) => watch.observe(element));
  document.querySelectorAll('[data-chart]').forEach((e) => V.chart(e, read(e.dataset.chart)));
  document.body.setAttribute('data-ready', '');
})();
