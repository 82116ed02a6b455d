// The traces of a chart as plotly's traces. styles/charts.css colours them by the beginning of their `uid`.

/** @import { Axis, Chart, Trace, Y } from '../../types/charts.js' */
/** @import { PlotlyTrace } from '../../types/plotly.js' */

import { asText, axisScale, divided } from '../lib/formatting.js';
import { bandTraces } from './bands.js';
import { dotTraces } from './dots.js';
import { DASHES, SYMBOLS, colourOf, cycled } from './series.js';
import { escaped } from './text.js';

const MAX_MARKERS = 60;
const MAX_LEVEL_PX = 28;

/**
 * Return the axis that measures a trace.
 * @param {Chart} chart
 * @param {Trace} trace
 */
const axisOf = (chart, trace) => (trace.second && chart.y2 ? chart.y2 : chart.y);

/**
 * Return the unit of an axis, and the factor that suits its largest value.
 * @param {Chart} chart
 * @param {Axis} axis
 */
export function scaleOf(chart, axis) {
  let largest = 0;
  for (const trace of chart.traces) {
    if (axisOf(chart, trace) !== axis) continue;
    for (const values of [trace.y, trace.high ?? []]) {
      for (const value of values) largest = Math.max(largest, Math.abs(value ?? 0));
    }
  }
  return axisScale(largest, axis.unit);
}

/**
 * Return plotly's traces for a plot of a width in pixels.
 * @param {Chart} chart
 * @param {number} width
 * @returns {PlotlyTrace[]}
 */
export function tracesOf(chart, width) {
  const factors = new Map([chart.y, chart.y2].flatMap((axis) => (axis ? [[axis, scaleOf(chart, axis).factor]] : [])));
  return chart.traces.flatMap((trace, number) => {
    const axis = axisOf(chart, trace);
    const factor = factors.get(axis) ?? 1;
    const shared = sharedAttributes(trace, trace.series ?? number);
    const y = divided(trace.y, factor);
    const texts = trace.y.map((value, index) => hoverText(trace, axis.unit, value, index));
    if (trace.look === 'dots') return dotTraces(trace, y, texts, shared, number);
    if (trace.look === 'band') return bandTraces(trace, factor, texts, shared, number);
    const look = lookOf(trace, shared.series, number, width);
    return [
      { ...shared, ...look, x: trace.x, y, error_y: errorBars(trace, y, factor), text: texts, textposition: 'none' },
    ];
  });
}

/**
 * @param {Trace} trace
 * @param {number} series
 */
function sharedAttributes(trace, series) {
  return {
    type: /** @type {const} */ ('scatter'),
    name: trace.name,
    yaxis: trace.second ? 'y2' : 'y',
    hoverinfo: 'text',
    series,
    legend: trace.legend !== false,
  };
}

/**
 * @param {Trace} trace
 * @param {number} series
 * @param {number} number The number of the trace in its chart.
 * @param {number} width
 */
function lookOf(trace, series, number, width) {
  const isLong = trace.x.length > MAX_MARKERS;
  const uid = `series-${colourOf(series)}-${number}${isLong ? '-many' : ''}`;
  if (trace.look === 'bars') return { type: /** @type {const} */ ('bar'), uid };
  if (trace.look === 'levels') return levels(trace, number, width);
  const symbol = cycled(SYMBOLS, series);
  const symbols = trace.hollow?.map((hollow) => symbol + (hollow ? '-open' : ''));
  const mode = isLong ? 'lines' : 'lines+markers';
  return {
    uid,
    mode,
    line: { width: 2, dash: cycled(DASHES, series) },
    marker: { symbol: symbols ?? symbol, size: 7 },
  };
}

/**
 * Return short horizontal lines, such as the medians among dots.
 * @param {Trace} trace
 * @param {number} number
 * @param {number} width
 */
function levels(trace, number, width) {
  const size = Math.min(MAX_LEVEL_PX, width / (3 * trace.x.length));
  return { uid: `level-${number}`, mode: 'markers', marker: { symbol: 'line-ew-open', size, line: { width: 2.5 } } };
}

/**
 * @param {Trace} trace
 * @param {Y[]} y
 * @param {number} factor
 */
function errorBars({ low, high }, y, factor) {
  if (!low || !high) return undefined;
  /** @type {(bounds: Y[], sign: number) => number[]} */
  const distances = (bounds, sign) =>
    divided(bounds, factor).map((bound, index) => (bound === null ? 0 : sign * (bound - (y[index] ?? 0))));
  const bars = y.length > MAX_MARKERS ? { thickness: 1, width: 0 } : { thickness: 1.5, width: 4 };
  return { type: 'data', symmetric: false, ...bars, array: distances(high, 1), arrayminus: distances(low, -1) };
}

/**
 * @param {Y} low
 * @param {Y} high
 * @param {string} unit
 */
function intervalText(low, high, unit) {
  if (low === null) return '';
  const [from, to] = [asText(low, unit), asText(high, unit)];
  return high === null ? ` (95 %: ${from} or more)` : ` (95 %: ${from === to ? from : `${from} – ${to}`})`;
}

/**
 * @param {Trace} trace
 * @param {string} unit
 * @param {Y} value
 * @param {number} index
 */
function hoverText(trace, unit, value, index) {
  const interval = intervalText(trace.low?.[index] ?? null, trace.high?.[index] ?? null, unit);
  const note = trace.notes?.[index] ? `<br>${escaped(trace.notes[index])}` : '';
  return `${escaped(trace.name)}<br>${asText(value, unit)}${interval}${note}`;
}
