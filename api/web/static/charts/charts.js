// Charts: what api/web/pages/charts describes, drawn by plotly when the chart is near the window.

/** @import { Chart } from '../../types/charts.js' */

import { findAll } from '../lib/dom.js';
import { nextFrame } from '../lib/scheduling.js';
import { errorText } from '../lib/text.js';
import { CONFIG, layoutOf } from './layout.js';
import { showLegend } from './legend.js';
import { plotly } from './plotly.js';
import { tracesOf } from './traces.js';

const MARGIN = '400px'; // how far from the window a chart is near

/** @type {Map<Element, { chart: Chart, width: number }>} */
const drawn = new Map();
/** @type {Set<HTMLElement>} */
const near = new Set();
let isDrawing = false;

const nearness = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting && target instanceof HTMLElement) near.add(target);
      else if (target instanceof HTMLElement) near.delete(target);
    }
    if (!isDrawing) drawNear();
  },
  { rootMargin: MARGIN },
);

/** Charts whose width has changed are drawn again when they are near. */
const resizing = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const isResized = target.clientWidth !== 0 && target.clientWidth !== drawn.get(target)?.width;
    if (isResized) nearness.observe(target);
  }
});

/**
 * Return the elements below `root` that describe a chart.
 * @param {ParentNode} root
 */
export const plotsIn = (root) => findAll('[data-chart]', HTMLElement, root);

/**
 * Draw every chart below `root`, each when it comes near the window.
 * @param {ParentNode} root
 */
export function drawCharts(root) {
  for (const plot of plotsIn(root)) nearness.observe(plot);
}

/** Draw one chart a frame: each takes some tens of milliseconds, and input comes between two. */
async function drawNear() {
  isDrawing = true;
  for (let plot = topmost(); plot; plot = topmost()) {
    near.delete(plot);
    nearness.unobserve(plot);
    await redraw(plot);
    await nextFrame();
  }
  isDrawing = false;
}

/** Return the chart that is nearest to the top of the window. */
function topmost() {
  const distance = (/** @type {Element} */ plot) => Math.abs(plot.getBoundingClientRect().top);
  return [...near].sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

/**
 * Draw the chart of an element at its present width.
 * @param {HTMLElement} plot
 */
export const redraw = (plot) => draw(plot, drawn.get(plot)?.chart ?? JSON.parse(plot.dataset.chart ?? ''));

/**
 * Draw a chart in an element.
 * @param {HTMLElement} plot
 * @param {Chart} chart
 */
export async function draw(plot, chart) {
  const width = plot.clientWidth;
  drawn.set(plot, { chart, width });
  resizing.observe(plot);
  const traces = tracesOf(chart, width);
  showLegend(plot, traces);
  try {
    const library = await plotly();
    await library.react(plot, traces, layoutOf(chart, width, plot.clientHeight), CONFIG);
  } catch (error) {
    plot.textContent = `The chart cannot be drawn: ${errorText(error)}. Its numbers are below.`;
  }
}

/**
 * Forget the charts in an element that leaves the page; plotly would keep them for ever.
 * @param {Element} root
 */
export function release(root) {
  for (const plot of [...drawn.keys(), ...near]) {
    if (!(plot instanceof HTMLElement) || !root.contains(plot)) continue;
    nearness.unobserve(plot);
    resizing.unobserve(plot);
    near.delete(plot);
    if (drawn.delete(plot)) window.Plotly?.purge(plot);
  }
}
