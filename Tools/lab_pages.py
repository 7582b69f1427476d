"""What must hold of every page of the web lab, at every width, in both languages, light and dark.

Used by check_lab.py: contrast of text as WCAG 2 measures it, the edges of fields, names, headings, languages, focus, width,
motion. Each rule gives what breaks it, so an empty list is a pass.
"""

# Contrast: relative luminance by WCAG 2.2, colours as the browser has computed and mixed them. A canvas turns whatever
# form a colour has (rgb, color-mix, named) into numbers.
CONTRAST = """(() => {
  const canvas = document.createElement('canvas'); canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true }), known = {};
  const rgba = (c) => known[c] ??= (() => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = c; pen.fillRect(0, 0, 1, 1);
    const d = pen.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; })();
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const back = (e) => {
    const layers = [];
    for (let n = e; n; n = n.parentElement) {
      const c = rgba(getComputedStyle(n).backgroundColor);
      if (c[3] > 0) layers.push(c);
      if (c[3] === 1) break;
    }
    return layers.reverse().reduce((below, c) => over(c, below), [255, 255, 255, 1]);
  };
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const opacity = (e) => { let o = 1; for (let n = e; n; n = n.parentElement) o *= +getComputedStyle(n).opacity; return o; };
  const wrong = [];
  const seen = new Set();
  const judge = (e, text, ink, least) => {
    if (!e.checkVisibility({ visibilityProperty: true }) || !e.getClientRects().length) return;
    if (e.closest('.skip, .visually-hidden, .bartext')) return;
    const below = back(e.namespaceURI.endsWith('svg') ? e.closest('div') : e);
    const c = rgba(ink), shown = over([c[0], c[1], c[2], c[3] * opacity(e)], below), found = ratio(shown, below);
    const key = `${ink}|${below}|${least}`;
    if (found < least && !seen.has(key)) {
      seen.add(key);
      wrong.push(`${found.toFixed(2)} < ${least}: "${text.trim().slice(0, 30)}" (${e.tagName} ${e.className})`);
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const e = n.parentElement;
    if (!n.nodeValue.trim() || ['SCRIPT', 'STYLE', 'NOSCRIPT', 'OPTION', 'TITLE'].includes(e.tagName)) continue;
    const s = getComputedStyle(e), size = parseFloat(s.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && +s.fontWeight >= 700);
    judge(e, n.nodeValue, e.namespaceURI.endsWith('svg') ? s.fill : s.color, isLarge ? 3 : 4.5);
  }
  for (const e of document.querySelectorAll('input:not([type=hidden]):not([type=range]),select,textarea')) {
    judge(e, e.value || 'field', getComputedStyle(e).color, 4.5);
    // The edge of a field says where to write. WCAG 2.2, 1.4.11.
    judge(e, 'edge of ' + (e.name || e.id), getComputedStyle(e).borderTopColor, 3);
  }
  return wrong; })()"""

# Landmarks, one heading of level 1, no level left out, a name on every control, a skip link first, a language on
# every text that is not in the page's.
NAMES = """(() => {
  const wrong = [];
  if (document.querySelectorAll('main').length !== 1) wrong.push('main');
  if (!document.querySelector('header nav[aria-label]') && location.pathname !== '/login') wrong.push('nav');
  if (document.querySelectorAll('h1').length !== 1) wrong.push('h1');
  if (!document.querySelector('body > a.skip:first-child[href="#main"]')) wrong.push('skip link');
  if (!document.title.trim()) wrong.push('title');
  let last = 0;
  for (const h of document.querySelectorAll('h1,h2,h3,h4')) {
    const level = +h.tagName[1];
    if (level > last + 1) wrong.push(`heading ${h.tagName} ${h.textContent}`);
    last = level;
  }
  for (const e of document.querySelectorAll('input:not([type=hidden]),select,textarea,progress,meter'))
    if (!e.labels.length && !e.getAttribute('aria-label')) wrong.push('label of ' + e.outerHTML.slice(0, 120));
  for (const e of document.querySelectorAll('button,a,summary'))
    if (!e.textContent.trim() && !e.getAttribute('aria-label')) wrong.push('name of ' + e.outerHTML.slice(0, 120));
  for (const e of document.images) if (!e.alt) wrong.push('alt of ' + e.src);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  for (const id of new Set(ids)) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('id ' + id);
  for (const e of document.querySelectorAll('[aria-labelledby],[aria-describedby]'))
    for (const id of (e.getAttribute('aria-labelledby') || e.getAttribute('aria-describedby')).split(' '))
      if (!document.getElementById(id)) wrong.push('labelled by ' + id);
  for (const t of document.querySelectorAll('table'))
    if (![...t.querySelectorAll('th')].every(h => h.scope)) wrong.push('a th without scope: ' + t.textContent.slice(0, 40));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walker.nextNode(); n; n = walker.nextNode())
    if (/[\\u4e00-\\u9fff]/.test(n.nodeValue) && n.parentElement.checkVisibility()
        && !n.parentElement.closest('[lang]').lang.startsWith('zh')) wrong.push('Chinese here: ' + n.nodeValue.slice(0, 30));
  return wrong; })()"""

WIDTH = """(() => {
  const wrong = document.documentElement.scrollWidth > innerWidth + 1 ? [`${document.documentElement.scrollWidth} px`] : [];
  for (const e of document.querySelectorAll('body *'))
    if (e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility()
        && !e.closest('.scroll, pre, nav, .skip, .visually-hidden, svg')) wrong.push(e.outerHTML.slice(0, 90));
  return wrong.slice(0, 3); })()"""

# After a key was pressed the browser shows where the focus is; each control must, by an outline.
FOCUS = """(() => {
  const wrong = [];
  for (const e of document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"]')) {
    if (!e.checkVisibility() || e.disabled) continue;
    e.focus();
    const s = getComputedStyle(e);
    if (document.activeElement === e && (s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 1.5))
      wrong.push(e.outerHTML.slice(0, 90));
  }
  document.activeElement.blur();
  return wrong; })()"""

MOTION = "document.getAnimations().filter(a => a.playState === 'running').map(a => a.animationName || 'transition')"


def broken(browser, language):
    """What of the rules does not hold on the page that is shown; the browser asks for reduced motion."""
    problems = []
    for name, script in (("contrast", CONTRAST), ("names", NAMES), ("width", WIDTH), ("motion", MOTION), ("focus", FOCUS)):
        if name == "focus":
            browser.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
            browser.call("Input.dispatchKeyEvent", type="keyUp", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        found = browser.run(script)
        if found:
            problems.append(f"{name}: {found[:4]}")
    said = browser.run("document.documentElement.lang")
    if said != language:
        problems.append(f"language: {said}, not {language}")
    return problems
