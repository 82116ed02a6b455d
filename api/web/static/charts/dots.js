// Runs as dots. All dots of a trace are one shape: a thousand markers would be a thousand elements.

/** @import { Trace, Y } from '../../types/charts.js' */
/** @import { PlotlyTrace } from '../../types/plotly.js' */

import { colourOf, cycled } from './series.js';

const FORMS = ['dots', 'squares'];

/**
 * Return a shape of parts without length, whose round ends styles/charts.css draws as dots. Hollow dots get a second
 * shape in the colour of the paper.
 * @param {Trace} trace
 * @param {Y[]} y
 * @param {string[]} texts
 * @param {{ type: 'scatter', series: number }} shared
 * @param {number} number The number of the trace in its chart.
 * @returns {PlotlyTrace[]}
 */
export function dotTraces(trace, y, texts, shared, number) {
  const form = cycled(FORMS, shared.series);
  /** @type {(uid: string, places: number[]) => PlotlyTrace} */
  const shape = (uid, places) => ({
    ...shared,
    uid: `${uid}-${number}-${form}`,
    mode: 'none',
    fill: 'toself',
    hoveron: 'points',
    x: parts(trace.x, places),
    y: parts(y, places),
  });
  const all = y.map((_, index) => index);
  const hollow = all.filter((index) => trace.hollow?.[index]);
  const dots = { ...shape(`series-${colourOf(shared.series)}`, all), text: parts(texts, all) };
  return hollow.length ? [dots, { ...shape('hole', hollow), hoverinfo: 'skip', legend: false }] : [dots];
}

/**
 * Return each value twice, with a gap after it.
 * @template T
 * @param {T[]} values
 * @param {number[]} places
 */
const parts = (values, places) => places.flatMap((index) => [values[index], values[index], null]);
