// The layout of a chart for plotly. Margins are computed here: plotly would draw, measure, and draw again.

/** @import { Better, Chart } from '../../types/charts.js' */

import { joinKnown } from '../lib/text.js';
import { FONT } from './text.js';
import { largestOf, scaleOf } from './traces.js';

const TOP_PX = 32;
const SIDE_PX = 56;
const RIGHT_PX = 16;
const DATES_PX = 46;
const TICK_PX = 90;
const EDGE = 0.03; // of an axis beyond its first and last dot, which would be cut otherwise
const MIN_EDGE_MS = 500;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200];

export const CONFIG = { displayModeBar: false, showTips: false };

/** Return the layout that all charts share. */
export const baseLayout = () => ({
  font: FONT,
  paper_bgcolor: 'rgba(0,0,0,0)',
  plot_bgcolor: 'rgba(0,0,0,0)',
  hovermode: 'closest',
  hoverlabel: { font: FONT },
  showlegend: false,
});

/** Return the attributes that all axes share. */
export const baseAxis = () => ({ automargin: false, fixedrange: true, ticklabeloverflow: 'allow', linecolor: '#888' });

/** @type {Record<Better, string>} */
const BETTER_TEXTS = { higher: 'higher is better', lower: 'lower is better', neither: '' };

/**
 * Return plotly's layout of a chart of values over time. Its values begin at zero.
 * @param {Chart} chart
 * @param {number} width Pixels.
 * @param {number} height Pixels.
 */
export function layoutOf(chart, width, height) {
  const ticks = Math.max(2, Math.floor((width - SIDE_PX - RIGHT_PX) / TICK_PX));
  const times = { type: 'date', tickformat: '%H:%M:%S', tickangle: 0, ticklabeloverflow: 'hide past div' };
  return {
    ...baseLayout(),
    width,
    height,
    margin: { l: SIDE_PX, r: RIGHT_PX, t: TOP_PX, b: DATES_PX },
    xaxis: { ...baseAxis(), ...times, ...timesOf(chart, ticks) },
    yaxis: { ...baseAxis(), range: [0, (1 + EDGE) * (largestOf(chart) / scaleOf(chart).factor || 1)] },
    annotations: [aboveAxis(axisTitle(chart))],
  };
}

/**
 * Return the range of the times, and the whole seconds between ticks, so that no two ticks have one label.
 * @param {Chart} chart
 * @param {number} ticks The maximum number of ticks.
 */
function timesOf({ traces }, ticks) {
  let [first, last] = [Infinity, -Infinity];
  for (const { x } of traces) for (const time of x) [first, last] = [Math.min(first, time), Math.max(last, time)];
  const edge = Math.max(EDGE * (last - first), MIN_EDGE_MS);
  const length = last - first + 2 * edge;
  const step = STEPS_S.find((seconds) => length / (1000 * seconds) <= ticks) ?? Math.ceil(length / ticks / 1000);
  return { range: [first - edge, last + edge], dtick: 1000 * step };
}

/** @param {Chart} chart */
function axisTitle(chart) {
  const { unit } = scaleOf(chart);
  const better = BETTER_TEXTS[chart.y.better];
  return joinKnown(' ', chart.y.label, unit && `(${unit})`, better && `· ${better}`);
}

/**
 * Return the title of the y axis, horizontal above the axis.
 * @param {string} text
 */
const aboveAxis = (text) => ({
  text,
  x: 0,
  xref: 'paper',
  xanchor: 'left',
  y: 1.02,
  yref: 'paper',
  yanchor: 'bottom',
  showarrow: false,
  font: { size: 12 },
});
