// The traces of a chart as plotly's traces. styles/charts.css colours them by the beginning of their `uid`.

/** @import { Chart, Trace } from '../../types/charts.js' */
/** @import { PlotlyTrace } from '../../types/plotly.js' */

import { asText, axisScale, divided } from '../lib/formatting.js';
import { dotTrace } from './dots.js';
import { escaped } from './text.js';

/**
 * Return the unit of the values, and the factor that suits the largest one.
 * @param {Chart} chart
 */
export const scaleOf = (chart) => axisScale(largestOf(chart), chart.y.unit);

/**
 * Return the largest value.
 * @param {Chart} chart
 */
export function largestOf({ traces }) {
  let largest = 0;
  for (const trace of traces) for (const value of trace.y) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/**
 * Return plotly's traces.
 * @param {Chart} chart
 * @returns {PlotlyTrace[]}
 */
export function tracesOf(chart) {
  const { factor } = scaleOf(chart);
  return chart.traces.map((trace, number) => {
    const texts = trace.y.map((value, index) => hoverText(trace, chart.y.unit, value, index));
    const shared = { name: trace.name, series: trace.series ?? number };
    return dotTrace({ ...trace, y: divided(trace.y, factor) }, texts, shared, number);
  });
}

/**
 * @param {Trace} trace
 * @param {string} unit
 * @param {number} value
 * @param {number} index
 */
const hoverText = (trace, unit, value, index) =>
  `${escaped(trace.name)}<br>${asText(value, unit)}<br>${escaped(trace.notes[index])}`;
