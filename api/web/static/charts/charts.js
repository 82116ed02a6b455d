// The chart of runs that end while the page is open, drawn by plotly. The server draws all other charts.

/** @import { Chart } from '../../types/charts.js' */

import { errorText } from '../lib/text.js';
import { CONFIG, layoutOf } from './layout.js';
import { showLegend } from './legend.js';
import { plotly } from './plotly.js';
import { onPrint } from './printing.js';
import { tracesOf } from './traces.js';

/** @type {Map<HTMLElement, { chart: Chart, width: number }>} */
const drawn = new Map();

const resizing = new ResizeObserver(() => {
  for (const [plot, { chart, width }] of drawn) {
    if (plot.clientWidth !== 0 && plot.clientWidth !== width) draw(plot, chart);
  }
});

onPrint(() => Promise.all([...drawn].map(([plot, { chart }]) => draw(plot, chart))));

/**
 * Draw a chart in an element.
 * @param {HTMLElement} plot
 * @param {Chart} chart
 */
export async function draw(plot, chart) {
  const width = plot.clientWidth;
  drawn.set(plot, { chart, width });
  resizing.observe(plot);
  const traces = tracesOf(chart);
  showLegend(plot, traces);
  try {
    const library = await plotly();
    await library.react(plot, traces, layoutOf(chart, width, plot.clientHeight), CONFIG);
  } catch (error) {
    plot.textContent = `The chart cannot be drawn: ${errorText(error)}. Its numbers are below.`;
  }
}
