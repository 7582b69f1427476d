// The web lab works without this file; with it results come by themselves and sliders move numbers.
'use strict';
(() => {
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

  for (const slider of document.querySelectorAll('input[type=range][data-for]')) {
    const number = document.getElementById(slider.dataset.for);
    slider.addEventListener('input', () => { number.value = slider.value; });
    number.addEventListener('input', () => { slider.value = number.value; });
  }

  // A form that was sent is not sent again by a second click.
  for (const form of document.querySelectorAll('main form')) {
    form.addEventListener('submit', () => setTimeout(() => {
      for (const button of form.querySelectorAll('button')) button.disabled = true;
    }));
  }
  addEventListener('pageshow', () => {
    for (const button of document.querySelectorAll('main form button')) button.disabled = false;
  });
})();
