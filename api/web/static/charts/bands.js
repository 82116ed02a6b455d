// Levels: lines with the areas between their bounds. A gap, where x is null, ends one and begins the next.

/** @import { X, Y, Trace } from '../../types/charts.js' */
/** @import { PlotlyTrace } from '../../types/plotly.js' */

import { divided } from '../lib/formatting.js';
import { colourOf } from './series.js';

/**
 * Return the areas of a trace and its lines.
 * @param {Trace} trace
 * @param {number} factor
 * @param {string[]} text
 * @param {{ type: 'scatter', series: number }} shared
 * @param {number} number The number of the trace in its chart.
 * @returns {PlotlyTrace[]}
 */
export function bandTraces(trace, factor, text, shared, number) {
  const uid = `series-${colourOf(shared.series)}-${number}`;
  const area = { uid: `band-${uid}`, mode: 'none', fill: 'toself', hoverinfo: 'skip', legend: false };
  const line = { uid: `${uid}-level`, mode: 'lines', line: { width: 3 }, connectgaps: false, text };
  return [
    { ...shared, ...area, ...outlines(trace, factor) },
    { ...shared, ...line, x: trace.x, y: divided(trace.y, factor) },
  ];
}

/**
 * Return the outline of each area: along its lower bounds, and back along its upper ones.
 * @param {Trace} trace
 * @param {number} factor
 */
function outlines({ x, low, high }, factor) {
  const [lower, upper] = [low, high].map((bounds) => divided(bounds ?? [], factor));
  /** @type {{ x: (X | null)[], y: Y[] }} */
  const all = { x: [], y: [] };
  let start = 0;
  for (const [end, at] of [...x, null].entries()) {
    if (at !== null) continue;
    const places = Array.from({ length: end - start }, (_, index) => start + index);
    const back = [...places].reverse();
    all.x.push(...[...places, ...back].map((index) => x[index]), null);
    all.y.push(...places.map((index) => lower[index]), ...back.map((index) => upper[index]), null);
    start = end + 1;
  }
  return all;
}
