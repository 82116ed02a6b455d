// Beneath a chart: what its series are called, each a button that takes it out of the chart, or puts it back.

import { element, shape } from '../lib/dom.js';

const SYMBOLS = { circle: 'M13 3a3 3 0 1 0 .01 0z', square: 'M10 3h6v6h-6z', diamond: 'M13 2l4 4-4 4-4-4z', 'triangle-up': 'M13 2l4 7h-8z' };
/** Plotly's dashes as SVG has them. */
export const DASHED = { solid: 'none', dash: '8 3', dot: '2 3', dashdot: '8 3 2 3' };

/** Show a plot's legend where it has several series, and tell its traces which of them the reader has taken out. */
export function showLegend(plot, traces) {
  const told = traces.filter((trace) => trace.legend);
  const names = told.map((trace) => trace.name).join('\n');
  let legend = plot.nextElementSibling?.matches('.legend') ? plot.nextElementSibling : null;
  if (legend && legend.dataset.names !== names) { legend.remove(); legend = null; }
  if (!legend && told.length > 1) plot.after(legend = legendOf(plot, told, names));
  const out = new Set([...legend?.querySelectorAll('[aria-pressed=false]') ?? []].map((button) => Number(button.dataset.series)));
  for (const trace of traces) trace.visible = !out.has(trace.series);
}

function legendOf(plot, told, names) {
  const legend = element('div', '', 'legend');
  Object.assign(legend, { role: 'toolbar', ariaLabel: 'Series of the chart' });
  legend.dataset.names = names;
  const buttons = told.map((trace, number) => entry(trace, number));
  legend.append(...buttons);
  legend.addEventListener('click', ({ target }) => {
    const button = target.closest('button');
    if (button) take(plot, button);
  });
  legend.addEventListener('keydown', ({ key }) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
    if (step) buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
  });
  // One stop for the tabulator, as a toolbar is.
  legend.addEventListener('focusin', ({ target }) => { for (const button of buttons) button.tabIndex = button === target ? 0 : -1; });
  return legend;
}

function entry({ name, series, uid, mode, line, marker }, number) {
  const button = element('button', '', uid.replace(/^(series-\d).*/, '$1-line'));
  Object.assign(button, { ariaPressed: 'true', tabIndex: number === 0 ? 0 : -1 });
  button.dataset.series = series;
  const symbol = [marker?.symbol].flat()[0]?.replace('-open', '');
  const drawn = [
    ...(mode.includes('lines') ? [shape('path', { d: 'M0 6H26', class: 'dash', 'stroke-dasharray': DASHED[line.dash] })] : []),
    ...(mode === 'lines' ? [] : [shape('path', { d: SYMBOLS[symbol] ?? SYMBOLS[uid.endsWith('squares') ? 'square' : 'circle'], class: 'symbol' })]),
  ];
  button.append(shape('svg', { width: 26, height: 12, 'aria-hidden': 'true' }, ...drawn), name);
  return button;
}

function take(plot, button) {
  const isShown = button.ariaPressed === 'false';
  button.ariaPressed = String(isShown);
  const of = (plot.data ?? []).flatMap((trace, index) => (trace.series === Number(button.dataset.series) ? [index] : []));
  if (of.length) window.Plotly.restyle(plot, { visible: isShown }, of);
}
