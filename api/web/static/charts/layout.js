// The layout of a chart for plotly. Margins are computed here: plotly would draw, measure, and draw again.

/** @import { Better, Chart } from '../../types/charts.js' */

import { joinKnown } from '../lib/text.js';
import { FONT } from './text.js';
import { scaleOf } from './traces.js';

const TOP_PX = 32;
const SIDE_PX = 56;
const RIGHT_PX = 16;
const DATES_PX = 46;
const TICK_PX = 90;

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
  const nticks = Math.max(2, Math.floor((width - SIDE_PX - RIGHT_PX) / TICK_PX));
  const times = { type: 'date', tickformat: '%H:%M:%S', nticks, tickangle: 0, ticklabeloverflow: 'hide past div' };
  return {
    ...baseLayout(),
    width,
    height,
    margin: { l: SIDE_PX, r: RIGHT_PX, t: TOP_PX, b: DATES_PX },
    xaxis: { ...baseAxis(), ...times },
    yaxis: { ...baseAxis(), rangemode: 'tozero' },
    annotations: [aboveAxis(axisTitle(chart))],
  };
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
