// Charts: what api/web/pages/charts/figures.py describes, drawn by plotly once it has arrived and the chart is near to be seen.

import { CONFIG, layout } from './layout.js';
import { tracesOf } from './traces.js';
import { aFrame } from '../lib/scheduling.js';
import { showLegend } from './legend.js';
import { plotly } from './plotly.js';

const drawn = new Map(); // element -> {figure, width}
const near = new Set();
let isDrawing = false;

const observer = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) near.add(target); else near.delete(target);
  }
  if (!isDrawing) drawNear();
}, { rootMargin: '400px' });

/** What has another width than it was drawn for is drawn anew, when it is near. */
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) if (![0, drawn.get(target)?.width].includes(target.clientWidth)) observer.observe(target);
});

/** Draw every chart within `root`, each when it comes near the window. */
export function drawFigures(root) {
  for (const plot of root.querySelectorAll('[data-figure]')) observer.observe(plot);
}

/** One chart at a time, and between two whatever the person does: each takes some tens of milliseconds. */
async function drawNear() {
  isDrawing = true;
  for (let next = nearest(); next; next = nearest()) {
    near.delete(next);
    observer.unobserve(next);
    await drawNow(next);
    await aFrame();
  }
  isDrawing = false;
}

/** Of those near the window, scrolled away again or not, the one that is nearest its top. */
function nearest() {
  const top = (plot) => Math.abs(plot.getBoundingClientRect().top);
  return [...near].reduce((first, plot) => (first && top(first) <= top(plot) ? first : plot), null);
}

/** Draw the chart of an element, or draw it anew, wherever it is. */
export const drawNow = (plot) => draw(plot, drawn.get(plot)?.figure ?? JSON.parse(plot.dataset.figure));

/** Draw a figure in an element, or draw it anew. */
export async function draw(element, figure) {
  const width = element.clientWidth;
  drawn.set(element, { figure, width });
  resized.observe(element);
  const traces = tracesOf(figure, width);
  showLegend(element, traces);
  try {
    const library = await plotly();
    await library.react(element, traces, layout(figure, width, element.clientHeight), CONFIG);
  } catch (error) {
    element.textContent = `The chart cannot be drawn (${error.message}); its numbers stand below.`;
  }
}

/** Let go of the charts within an element that leaves the page; plotly would hold them for ever. */
export function forget(root) {
  for (const element of [...drawn.keys(), ...near]) {
    if (!root.contains(element)) continue;
    observer.unobserve(element);
    resized.unobserve(element);
    near.delete(element);
    if (drawn.delete(element)) window.Plotly?.purge(element);
  }
}
