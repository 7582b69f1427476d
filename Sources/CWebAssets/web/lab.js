// The web lab works without this file; with it results come by themselves, sliders move numbers and data are drawn.
'use strict';
(() => {
  /** Sliders and charts below an element. */
  const prepare = (root) => {
    for (const slider of root.querySelectorAll('input[type=range][data-for]')) {
      const number = document.getElementById(slider.dataset.for);
      slider.addEventListener('input', () => { number.value = slider.value; });
      number.addEventListener('input', () => { slider.value = number.value; });
    }
    for (const chart of root.querySelectorAll('[data-chart]')) {
      if (window.Plotly && window.Vitrine) window.Vitrine.chart(chart, JSON.parse(chart.dataset.chart));
    }
  };
  // plotly.js comes before this file, but does not have to.
  addEventListener('DOMContentLoaded', () => prepare(document));

  const live = document.querySelector('[data-live]');
  const ask = async () => {
    try {
      const answer = await fetch(live.dataset.live, { credentials: 'same-origin' });
      if (answer.ok) {
        const text = await answer.text();
        // The server escapes whatever is not its own.
        if (text !== live.dataset.last) {
          live.dataset.last = text;
          live.replaceChildren(...new DOMParser().parseFromString(text, 'text/html').body.childNodes);
          prepare(live);
        }
        if (live.querySelector('[data-done]')) {
          live.setAttribute('aria-busy', 'false');
          return;
        }
      }
    } catch { /* the server may be starting again */ }
    setTimeout(ask, 700);
  };
  if (live) setTimeout(ask, 400);

  // A form that was sent is not sent again by a second click.
  addEventListener('submit', (event) => {
    if (!event.target.closest('main')) return;
    setTimeout(() => {
      for (const button of event.target.querySelectorAll('button')) button.disabled = true;
    });
  });
  addEventListener('pageshow', () => {
    for (const button of document.querySelectorAll('main form button')) button.disabled = false;
  });
})();
