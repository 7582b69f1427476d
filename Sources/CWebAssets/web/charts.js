// Charts: from a chart's data to plotly's traces, in the page's colours and language.
//
//   Vitrine.chart(element, data)
//
// `data`: { kind, x, y, series, … } as Reports writes it. Without plotly the element says so, and
// the table below it has the numbers.
(function () {
  'use strict';
  const V = window.Vitrine;
  const name = (series) => (series.word ? V.t(series.word, ...(series.arguments || [])) : series.name);
  const dashes = ['solid', 'dash', 'dot', 'dashdot'];

  const kinds = {
    lines: (data) => data.series.flatMap((s, i) => {
      const color = V.hue(s.hue ?? i);
      const line = {
        type: 'scatter', mode: s.mode || 'lines', name: name(s), x: s.x, y: s.y, text: s.text,
        line: { color, width: 2, shape: s.step ? 'hv' : 'linear', dash: dashes[Math.floor((s.hue ?? i) / V.hues.length) % 4] },
        marker: { color, size: 6 }, connectgaps: false,
      };
      return [line];
    }),
    bars: (data) => data.series.map((s, i) => {
      const flat = data.horizontal;
      const errors = s.low ? {
        type: 'data', symmetric: false, thickness: 1.2, width: 3, color: V.color('dim'),
        array: s.high.map((h, n) => (h === null ? null : h - (flat ? s.x : s.y)[n])),
        arrayminus: s.low.map((l, n) => (l === null ? null : (flat ? s.x : s.y)[n] - l)),
      } : undefined;
      return {
        type: 'bar', name: name(s), x: s.x, y: s.y, text: s.text, textposition: 'auto',
        orientation: flat ? 'h' : 'v', [flat ? 'error_x' : 'error_y']: errors,
        marker: { color: s.hues ? s.hues.map((h) => V.hue(h)) : V.hue(s.hue ?? i) },
        hovertemplate: flat ? '%{y}: %{x}<extra></extra>' : '%{x}: %{y}<extra></extra>',
      };
    }),
    histogram: (data) => data.series.map((s, i) => ({
      type: 'histogram', name: name(s), x: s.x, bingroup: 'all', opacity: data.series.length > 1 ? 0.6 : 0.9,
      marker: { color: V.hue(s.hue ?? i) },
    })),
    heatmap: (data) => [{
      type: 'heatmap', x: data.labels.x, y: data.labels.y, z: data.z, text: data.cells,
      texttemplate: data.labels.x.length <= 14 ? '%{text}' : undefined, colorscale: V.heatScale(),
      hovertemplate: `${V.t(data.x)}: %{x}<br>${V.t(data.y)}: %{y}<br>%{z}<extra></extra>`,
      xgap: 1, ygap: 1, colorbar: { thickness: 10, outlinewidth: 0 },
    }],
    waterfall: (data) => [{
      type: 'waterfall', x: data.series[0].x.map((x, i, all) => (i === 0 ? V.t('attribution.start')
        : i === all.length - 1 ? V.t('attribution.end') : x.startsWith('kind.') ? V.t(x) : x)), y: data.series[0].y, measure: data.measures,
      text: data.series[0].text, textposition: 'outside', cliponaxis: false,
      connector: { line: { color: V.color('line'), width: 1 } },
      increasing: { marker: { color: V.hue(1) } }, decreasing: { marker: { color: V.hue(2) } },
      totals: { marker: { color: V.hue(0) } },
    }],
    skyline: (data) => {
      const [blocks, used] = data.series;
      return [{
        type: 'bar', x: blocks.x, y: blocks.y, base: blocks.bases, width: blocks.sizes, text: blocks.text,
        textposition: 'none', hovertemplate: '%{text}<extra></extra>', showlegend: false,
        marker: { color: blocks.hues.map((h) => V.hue(h % V.hues.length)), opacity: 0.75,
          line: { width: 1, color: V.color('panel') } },
      }, {
        type: 'scatter', mode: 'lines', name: name(used), x: used.x, y: used.y, text: used.text,
        line: { color: V.color('ink'), width: 1.5, shape: 'hvh' }, hovertemplate: '%{text}: %{y}<extra></extra>',
      }];
    },
    tree: (data) => {
      // Colours compare what has no parts; what has some is a frame.
      const most = Math.max(...data.totals.map((t, i) => (data.values[i] > 0 ? t : 0)), 1e-9);
      return [{
        type: data.form || 'icicle', labels: data.labels.x.map((l) => (l === '…' ? V.t('heat.between') : l)),
        parents: data.parents, values: data.values, ids: data.ids, branchvalues: 'remainder', sort: true,
        tiling: { packing: 'squarify', orientation: 'v', pad: 2 }, text: data.text, textinfo: 'label+text',
        hovertemplate: '%{label}<br>%{text}<br>%{percentRoot:.1%}<extra></extra>',
        marker: {
          colors: data.totals.map((t, i) => {
            if (data.ids[i] === '/') return V.color('raised');
            return data.ids[i] === '…' ? V.color('line') : V.css(V.heat(Math.sqrt(t / most)));
          }),
          line: { width: 1, color: V.color('panel') }, pad: { t: 20, l: 3, r: 3, b: 3 },
        },
        maxdepth: data.form === 'treemap' ? 3 : 5,
      }];
    },
    roofline: (data) => {
      const roof = data.roofs.map((r, i) => ({
        type: 'scatter', mode: 'lines', name: r.name, x: r.x, y: r.y, hoverinfo: 'name',
        line: { color: V.color('dim'), width: 1.5, dash: dashes[i % 4] },
      }));
      const symbols = { compute: 'circle', memory: 'square', overhead: 'triangle-up' };
      const hues = { compute: 0, memory: 1, overhead: 3 };
      return roof.concat(data.series.map((s) => ({
        type: 'scatter', mode: 'markers', name: name(s), x: s.x, y: s.y, text: s.text,
        marker: { symbol: symbols[s.name] || 'circle', color: V.hue(hues[s.name] ?? 7), size: s.sizes,
          sizemode: 'area', sizeref: data.sizeReference, sizemin: 4, opacity: 0.8, line: { width: 0.5, color: V.color('panel') } },
        hovertemplate: '%{text}<extra></extra>',
      })));
    },
  };

  function layout(data) {
    const ink = V.color('ink');
    const line = V.color('line');
    const axis = (key, log, range, extra) => ({
      title: { text: key ? V.t(key) : '', font: { size: 12 }, standoff: 8 }, type: log ? 'log' : undefined, dtick: log ? 1 : undefined, range: range || undefined,
      gridcolor: line, zerolinecolor: line, linecolor: line, tickfont: { size: 11 }, automargin: true,
      ...extra,
    });
    const isTree = data.kind === 'tree';
    const count = data.series ? data.series.length : 0;
    return {
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink },
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', separators: '.\u2009',
      margin: isTree ? { l: 0, r: 0, t: 24, b: 0 } : { l: 56, r: 12, t: 12, b: 44 },
      height: data.height || 340, barmode: data.kind === 'histogram' || data.kind === 'skyline' ? 'overlay' : 'group', bargap: 0.25,
      showlegend: data.kind === 'roofline' || (count > 1 && !isTree),
      legend: { orientation: 'h', y: -0.2, x: 0, font: { size: 11 }, itemsizing: 'constant' },
      xaxis: axis(data.x, data.logX, data.rangeX, data.horizontal ? {} : {}),
      yaxis: axis(data.y, data.logY, data.rangeY,
        data.kind === 'heatmap' || data.horizontal ? { autorange: 'reversed' } : {}),
      hoverlabel: { bgcolor: V.color('panel'), bordercolor: line, font: { color: ink } },
      dragmode: innerWidth < 700 ? false : 'zoom',
    };
  }

  const config = { displaylogo: false, responsive: true, scrollZoom: false, displayModeBar: false };

  V.hasPlotly = () => typeof window.Plotly !== 'undefined';
  V.chart = function (element, data) {
    if (!V.hasPlotly()) {
      element.replaceChildren(V.el('p', { class: 'dim', t: 'charts.absent' }));
      return;
    }
    const draw = () => {
      V.isDarkNow = V.isDark();
      return window.Plotly.react(element, kinds[data.kind](data), layout(data), config);
    };
    const first = () => draw().then(() => element.setAttribute('data-drawn', ''));
    // Charts are drawn when they come near the screen: a page may have fifty.
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((e) => e.isIntersecting)) return;
      watch.disconnect();
      first();
      V.onTheme(draw);
      V.onLanguage(draw);
    }, { rootMargin: '600px' });
    watch.observe(element);
  };
})();
