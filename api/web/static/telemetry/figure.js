// The readings as one plotly figure: the panels below each other, on one time axis.

/** @import { Telemetry } from '../../types/answers.js' */
/** @import { Panel } from './panels.js' */
/** @import { Range } from './range.js' */

import { baseAxis, baseLayout } from '../charts/layout.js';
import { widthOf } from '../charts/text.js';
import { plotlyTime } from '../lib/times.js';
import { lineTraces } from './lines.js';
import { panelsOf } from './panels.js';
import { phaseTraces, testMarks } from './phases.js';

const PANEL_PX = 104;
const BELOW_PANEL_PX = 8;
const TEST_NAMES_PX = 24; // above the title of the first panel
const TITLE_ROW_PX = 20;
const COLUMN_PX = 136; // as wide as the columns of .panel-title.rows in styles/pages/live.css
const COLUMN_GAP_PX = 8;
const TICK_PX = 80;

/** The space around the panels, in pixels. */
export const EDGES = { left: 60, right: 12, bottom: 34 };

const TICK_FORMATS = [
  { dtickrange: [null, 999], value: '%H:%M:%S.%L' },
  { dtickrange: [1000, 60_000], value: '%H:%M:%S' },
  { dtickrange: [60_000, null], value: '%H:%M' },
];

/**
 * A panel with its place, in pixels from the top.
 * @typedef {Panel & { titleTop: number, titleRows: number, plotTop: number }} PlacedPanel
 */

/** @typedef {NonNullable<ReturnType<typeof figureOf>>} Figure */

/** Return whether the pointer is a finger, which scrolls the page by a drag. */
export const isTouch = () => matchMedia('(pointer: coarse)').matches;

/**
 * Return the figure of a part of the readings, or of all for a null `range`; null if there is nothing to show.
 * @param {Telemetry} data
 * @param {Range | null} range
 * @param {number} width Pixels.
 */
export function figureOf(data, range, width) {
  const inner = width - EDGES.left - EDGES.right;
  const panels = placed(panelsOf(data), inner);
  if (panels.length === 0) return null;
  const bucket = data.bucket ?? 0;
  const span = range ?? /** @type {Range} */ ([data.at[0], data.at[data.at.length - 1] + bucket]);
  const x = data.at.map((at) => plotlyTime(at + bucket / 2));
  const marks = testMarks(data, span, inner);
  const lines = panels.flatMap((panel, number) => lineTraces(panel, number, x));
  const annotations = marks.names.map((name) => ({ ...name, yshift: panels[0].plotTop - TEST_NAMES_PX }));
  return {
    traces: [...phaseTraces(data, span), marks.trace, ...lines],
    layout: { ...layoutOf(panels, span, inner), annotations, width },
    panels,
    span,
  };
}

/**
 * Place the panels below each other. A title has a single row, or rows of columns if its lines do not fit one.
 * @param {Panel[]} panels
 * @param {number} width
 * @returns {PlacedPanel[]}
 */
function placed(panels, width) {
  let titleTop = TEST_NAMES_PX;
  return panels.map((panel) => {
    const titleRows = rowsOf(panel, width);
    const plotTop = titleTop + (titleRows + 1) * TITLE_ROW_PX + 4;
    const placedPanel = { ...panel, titleTop, titleRows, plotTop };
    titleTop = plotTop + PANEL_PX + BELOW_PANEL_PX;
    return placedPanel;
  });
}

/**
 * Return how many rows the lines need below the title; 0 if they fit beside it.
 * @param {Panel} panel
 * @param {number} width
 */
function rowsOf({ title, unit, lines }, width) {
  const texts = [title, unit, ...lines.map(({ name }) => `${name} 88.8 ${unit}`)];
  if (texts.reduce((sum, text) => sum + widthOf(text) + 20, 0) < width) return 0;
  const columns = Math.max(1, Math.floor((width + COLUMN_GAP_PX) / (COLUMN_PX + COLUMN_GAP_PX)));
  return Math.ceil(lines.length / columns);
}

/**
 * @param {PlacedPanel[]} panels
 * @param {Range} range
 * @param {number} width
 */
function layoutOf(panels, range, width) {
  const top = panels[0].plotTop;
  const bottom = panels[panels.length - 1].plotTop + PANEL_PX;
  return {
    ...baseLayout(),
    ...yAxes(panels, top, bottom),
    height: bottom + EDGES.bottom,
    margin: { l: EDGES.left, r: EDGES.right, t: top, b: EDGES.bottom },
    hovermode: false,
    dragmode: isTouch() ? false : 'zoom',
    xaxis: timeAxis(range, width, panels.length),
  };
}

/**
 * Return the y axis of each panel, and the one of the phases behind them all.
 * @param {PlacedPanel[]} panels
 * @param {number} top
 * @param {number} bottom
 */
function yAxes(panels, top, bottom) {
  const share = (/** @type {number} */ y) => Math.min(1, Math.max(0, (bottom - y) / (bottom - top)));
  const axes = panels.map(({ plotTop, top: upperEnd }, number) => {
    const domain = [share(plotTop + PANEL_PX), share(plotTop)];
    return [`yaxis${number + 2}`, { ...baseAxis(), anchor: 'x', domain, nticks: 4, range: [0, upperEnd] }];
  });
  const yaxis = { domain: [0, 1], range: [0, 1], visible: false, fixedrange: true, anchor: 'x' };
  return { yaxis, ...Object.fromEntries(axes) };
}

/**
 * @param {Range} range
 * @param {number} width
 * @param {number} panels
 */
const timeAxis = ([from, to], width, panels) => ({
  ...baseAxis(),
  type: 'date',
  ticklabeloverflow: 'hide past div',
  tickangle: 0,
  nticks: Math.max(2, Math.floor(width / TICK_PX)),
  tickformatstops: TICK_FORMATS,
  range: [plotlyTime(from), plotlyTime(to)],
  fixedrange: false,
  anchor: `y${panels + 1}`,
});
