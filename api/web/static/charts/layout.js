// The layout of a chart for plotly. Margins are computed here: plotly would draw, measure, and draw again.

/** @import { Axis, Better, Chart, Mark, Scale } from '../../types/charts.js' */

import { joinKnown } from '../lib/text.js';
import { FONT, escaped } from './text.js';
import { beginning, rangeOf } from './ranges.js';
import { ticksOf } from './ticks.js';
import { scaleOf } from './traces.js';

const TOP_PX = 32;
const SIDE_PX = 56;
const RIGHT_PX = 16;
const TICKS_PX = 24;
const TITLE_PX = 24;
const NO_TITLE_PX = 4;
const MARK_LINE_PX = 16;
const NARROW_PX = 480; // below, the titles of two axes fill the line above the chart

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
/** @type {Record<Scale, string>} */
const AXIS_TYPES = { time: 'date', category: 'category', log: 'log', linear: 'linear' };

/**
 * Return plotly's layout of a chart.
 * @param {Chart} chart
 * @param {number} width Pixels.
 * @param {number} height Pixels.
 */
export function layoutOf(chart, width, height) {
  const right = chart.y2 ? SIDE_PX : RIGHT_PX;
  const ticks = ticksOf(chart, width - SIDE_PX - right, SIDE_PX);
  const title = chart.x.names?.length ? '' : joinKnown(' ', chart.x.title, chart.x.unit && `(${chart.x.unit})`);
  const bottom = (ticks.height ?? TICKS_PX) + (title ? TITLE_PX : NO_TITLE_PX);
  return {
    ...baseLayout(),
    width,
    height,
    margin: { l: SIDE_PX, r: right, t: TOP_PX, b: bottom },
    xaxis: { ...baseAxis(), ...xTitle(title), type: AXIS_TYPES[chart.x.scale], ...ticks.axis },
    ...yAxes(chart),
    shapes: chart.marks.map(markLine),
    annotations: [...axisTitles(chart, width), ...chart.marks.map((mark, number) => markName(chart, mark, number))],
    bargap: 0.3,
  };
}

/** @param {string} text */
const xTitle = (text) => ({ title: { text, standoff: 6, font: { size: 12 } } });

/** @param {Chart} chart */
function yAxes(chart) {
  const yaxis = { ...baseAxis(), ...ends(chart, chart.y) };
  if (!chart.y2) return { yaxis };
  const second = { overlaying: 'y', side: 'right', showgrid: false, tickmode: 'auto' };
  return { yaxis, yaxis2: { ...baseAxis(), ...second, ...ends(chart, chart.y2) } };
}

/**
 * @param {Chart} chart
 * @param {Axis} axis
 */
function ends(chart, axis) {
  const range = rangeOf(chart, axis);
  const { factor } = scaleOf(chart, axis);
  return range ? { range: range.map((end) => end / factor) } : { rangemode: 'tozero' };
}

/**
 * @param {Chart} chart
 * @param {number} width
 */
function axisTitles(chart, width) {
  const left = aboveAxis(axisTitle(chart, chart.y, width), 'left');
  return chart.y2 ? [left, aboveAxis(axisTitle(chart, chart.y2, width), 'right')] : [left];
}

/**
 * @param {Chart} chart
 * @param {Axis} axis
 * @param {number} width
 */
function axisTitle(chart, axis, width) {
  const { unit } = scaleOf(chart, axis);
  const better = chart.y2 && width < NARROW_PX ? '' : BETTER_TEXTS[axis.better];
  const begins = beginning(chart, axis);
  return joinKnown(' ', axis.title, unit && `(${unit})`, better && `· ${better}`, begins && `· ${begins}`);
}

/**
 * Return the title of a y axis, horizontal above the axis.
 * @param {string} text
 * @param {'left' | 'right'} side
 */
const aboveAxis = (text, side) => ({
  text,
  x: side === 'left' ? 0 : 1,
  xref: 'paper',
  xanchor: side,
  y: 1.02,
  yref: 'paper',
  yanchor: 'bottom',
  showarrow: false,
  font: { size: 12 },
});

/** @param {Mark} mark */
const markLine = ({ at }) => ({
  type: 'line',
  x0: at,
  x1: at,
  yref: 'paper',
  y0: 0,
  y1: 1,
  line: { width: 1.5, dash: 'dot' },
});

/**
 * @param {Chart} chart
 * @param {Mark} mark
 * @param {number} number
 */
const markName = (chart, mark, number) => ({
  text: ` ${escaped(mark.text)}`,
  x: chart.x.scale === 'log' ? Math.log10(Number(mark.at)) : mark.at,
  xanchor: 'left',
  y: 0.98,
  yref: 'paper',
  yanchor: 'top',
  yshift: -MARK_LINE_PX * number,
  showarrow: false,
  font: { size: 12 },
  bgcolor: '#fff',
});
