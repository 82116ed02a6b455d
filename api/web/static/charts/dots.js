// Runs as dots. All dots of a trace are one shape: a thousand markers would be a thousand elements.

/** @import { PlotlyTrace } from '../../types/plotly.js' */

import { colourOf, cycled } from './series.js';

const FORMS = ['dots', 'squares'];

/**
 * Return a shape of parts without length, whose round ends styles/charts.css draws as dots.
 * @param {{ x: number[], y: (number | null)[] }} places
 * @param {string[]} texts
 * @param {{ name: string, series: number }} shared
 * @param {number} number The number of the trace in its chart.
 * @returns {PlotlyTrace}
 */
export const dotTrace = ({ x, y }, texts, shared, number) => ({
  ...shared,
  type: 'scatter',
  hoverinfo: 'text',
  uid: `series-${colourOf(shared.series)}-${number}-${cycled(FORMS, shared.series)}`,
  mode: 'none',
  fill: 'toself',
  hoveron: 'points',
  x: parts(x),
  y: parts(y),
  text: parts(texts),
});

/**
 * Return each value twice, with a gap after it.
 * @template T
 * @param {T[]} values
 */
const parts = (values) => values.flatMap((value) => [value, value, null]);
