// The legend of a chart: a button for each series, which hides it or shows it again.

/** @import { PlotlyElement, PlotlyTrace } from '../../types/plotly.js' */

import { closest, element, findAll, svg } from '../lib/dom.js';

const CIRCLE = 'M13 3a3 3 0 1 0 .01 0z';
const SQUARE = 'M10 3h6v6h-6z';
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * Show the legend of a plot with several series, and mark the traces that the reader has hidden as not visible.
 * @param {PlotlyElement} plot
 * @param {PlotlyTrace[]} traces
 */
export function showLegend(plot, traces) {
  const names = traces.map((trace) => trace.name).join('\n');
  let legend = legendBelow(plot);
  if (legend && legend.dataset.names !== names) {
    legend.remove();
    legend = null;
  }
  if (!legend && traces.length > 1) plot.after((legend = makeLegend(plot, traces, names)));
  const hidden = legend
    ? findAll('[aria-pressed=false]', HTMLElement, legend).map((button) => Number(button.dataset.series))
    : [];
  for (const trace of traces) trace.visible = !hidden.includes(trace.series ?? -1);
}

/** @param {Element} plot */
function legendBelow(plot) {
  const below = plot.nextElementSibling;
  return below instanceof HTMLElement && below.matches('.legend') ? below : null;
}

/**
 * @param {PlotlyElement} plot
 * @param {PlotlyTrace[]} traces
 * @param {string} names
 */
function makeLegend(plot, traces, names) {
  const legend = element('div', '', 'legend');
  Object.assign(legend, { role: 'toolbar', ariaLabel: 'Series of the chart' });
  legend.dataset.names = names;
  const buttons = traces.map(makeButton);
  legend.append(...buttons);
  legend.addEventListener('click', (event) => {
    const button = closest(event, 'button', HTMLButtonElement);
    if (button) toggle(plot, button);
  });
  moveByArrowKeys(legend, buttons);
  return legend;
}

/**
 * Make the buttons one stop of the Tab key, as in any toolbar, with the arrow keys between them.
 * @param {HTMLElement} legend
 * @param {HTMLButtonElement[]} buttons
 */
function moveByArrowKeys(legend, buttons) {
  legend.addEventListener('keydown', ({ key }) => {
    const step = STEPS[key];
    const focused = buttons.findIndex((button) => button === document.activeElement);
    if (step) buttons.at((focused + step) % buttons.length)?.focus();
  });
  legend.addEventListener('focusin', ({ target }) => {
    for (const button of buttons) button.tabIndex = button === target ? 0 : -1;
  });
}

/**
 * @param {PlotlyTrace} trace
 * @param {number} number
 */
function makeButton(trace, number) {
  const button = element('button', '', trace.uid.replace(/^(series-\d+).*/, '$1-line'));
  Object.assign(button, { ariaPressed: 'true', tabIndex: number === 0 ? 0 : -1 });
  button.dataset.series = String(trace.series);
  button.append(svg('svg', { width: 26, height: 12, 'aria-hidden': 'true' }, sample(trace)), trace.name ?? '');
  return button;
}

/**
 * Return the symbol of a trace.
 * @param {PlotlyTrace} trace
 */
const sample = ({ uid }) => svg('path', { d: uid.endsWith('squares') ? SQUARE : CIRCLE, class: 'symbol' });

/**
 * @param {PlotlyElement} plot
 * @param {HTMLButtonElement} button
 */
function toggle(plot, button) {
  const visible = button.ariaPressed === 'false';
  button.ariaPressed = String(visible);
  const series = Number(button.dataset.series);
  const traces = (plot.data ?? []).flatMap((trace, index) => (trace.series === series ? [index] : []));
  if (traces.length) window.Plotly?.restyle(plot, { visible }, traces);
}
