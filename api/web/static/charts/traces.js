// A figure's series as plotly's traces. Their colours are the sheet's, by what their `uid` begins with: see styles/charts.css.

import { asText, scaled } from '../lib/formatting.js';

export const COLOURS = 6;
const LONG = 60;
const LEVEL_PX = 28;

/** Where the colours come round again, another symbol and dash tell series apart. */
const round = (choices, series) => choices[Math.floor(series / COLOURS) % choices.length];
const SYMBOLS = ['circle', 'square', 'diamond', 'triangle-up'];
export const DASHES = ['solid', 'dash', 'dot', 'dashdot'];
const DOTS = ['dots', 'squares'];

/** The number of the sheet's colour for a series, from 1. */
export const colourOf = (series) => (series % COLOURS) + 1;

export const axisOf = (figure, trace) => (trace.second ? figure.y2 : figure.y);

/** One factor and unit for a whole axis: the one that fits its largest value. */
export function axisUnit(figure, axis) {
  let largest = 0;
  for (const trace of figure.traces) {
    if (axisOf(figure, trace) !== axis) continue;
    for (const values of [trace.y, trace.high ?? []]) for (const value of values) largest = Math.max(largest, Math.abs(value));
  }
  const [number, unit] = scaled(largest, axis.unit);
  return { factor: number ? largest / number : 1, unit };
}

/** Plotly's traces for a plot that is so wide, in pixels; `series` is each one's number, and `legend` whether it is told there. */
export function tracesOf(figure, width) {
  const factors = new Map([figure.y, figure.y2].filter(Boolean).map((axis) => [axis, axisUnit(figure, axis).factor]));
  return figure.traces.flatMap((trace, number) => {
    const factor = factors.get(axisOf(figure, trace));
    const [series, y] = [trace.series ?? number, divided(trace.y, factor)];
    const shared = { type: 'scatter', name: trace.name, yaxis: trace.second ? 'y2' : 'y', hoverinfo: 'text', series, legend: trace.legend !== false };
    const texts = trace.y.map((value, index) => told(figure, trace, value, index));
    if (trace.look === 'dots') return dots(trace, y, texts, shared, number);
    return [{ ...shared, ...look(trace, series, number, width), x: trace.x, y, error_y: bounds(trace, y, factor), text: texts, textposition: 'none' }];
  });
}

const divided = (values, factor) => values.map((value) => (value === null ? null : value / factor));

function look(trace, series, number, width) {
  const [uid, symbol] = [`series-${colourOf(series)}-${number}${trace.x.length > LONG ? '-many' : ''}`, round(SYMBOLS, series)];
  switch (trace.look) {
    case 'bars': return { type: 'bar', uid };
    case 'levels': return { uid: `level-${number}`, mode: 'markers', marker: { symbol: 'line-ew-open', size: Math.min(LEVEL_PX, width / (3 * trace.x.length)), line: { width: 2.5 } } };
    default: return {
      uid, mode: trace.x.length > LONG ? 'lines' : 'lines+markers', line: { width: 2, dash: round(DASHES, series) },
      marker: { symbol: trace.hollow ? trace.hollow.map((hollow) => symbol + (hollow ? '-open' : '')) : symbol, size: 7 },
    };
  }
}

/**
 * All of them as one shape of many parts without length, whose round ends the sheet draws as dots: a thousand markers
 * would be a thousand elements, each with its style. Hollow ones have a hole of the paper's colour.
 */
function dots(trace, y, texts, shared, number) {
  const [form, all] = [round(DOTS, shared.series), y.map((_, index) => index)];
  const parts = (of, places) => places.flatMap((index) => [of[index], of[index], null]);
  const points = (uid, places, more) => ({ ...shared, uid: `${uid}-${number}-${form}`, mode: 'none', fill: 'toself', hoveron: 'points', x: parts(trace.x, places), y: parts(y, places), ...more });
  const hollow = all.filter((index) => trace.hollow?.[index]);
  const holes = hollow.length ? [points('hole', hollow, { hoverinfo: 'skip', legend: false })] : [];
  return [points(`series-${colourOf(shared.series)}`, all, { text: parts(texts, all) }), ...holes];
}

function bounds(trace, y, factor) {
  if (!trace.low) return undefined;
  const beside = (values, sign) => divided(values, factor).map((value, index) => (value === null ? 0 : sign * (value - y[index])));
  return { type: 'data', symmetric: false, ...(y.length > LONG ? { thickness: 1, width: 0 } : { thickness: 1.5, width: 4 }), array: beside(trace.high, 1), arrayminus: beside(trace.low, -1) };
}

function told(figure, trace, value, index) {
  const { unit } = axisOf(figure, trace);
  const interval = trace.low?.[index] == null ? '' : ` (95 %: ${asText(trace.low[index], unit)} – ${asText(trace.high[index], unit)})`;
  const note = trace.notes?.[index] ? `<br>${escaped(trace.notes[index])}` : '';
  return `${escaped(trace.name)}<br>${asText(value, unit)}${interval}${note}`;
}

/** Plotly reads a little markup in texts. */
export const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
