// Charts: what api/pages/figures.py describes, drawn by plotly once it has arrived and the chart is near to be seen.

import { asText, scaled } from './numbers.js';

const LEFT_ALONE_MS = 300;
const PATIENCE_MS = 3000;
let arriving = null;
let touched = -Infinity;
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { touched = performance.now(); }, { capture: true, passive: true });

/** Plotly, asked for once, when the first chart needs it. */
export function plotly() {
  arriving ??= fetched().then(leftAlone).then(evaluated);
  return arriving;
}

/** Its script, in the browser's hands. */
const fetched = () => new Promise((resolve) => {
  const link = Object.assign(document.createElement('link'), { rel: 'preload', as: 'script', href: document.documentElement.dataset.plotly, onload: resolve, onerror: resolve });
  document.head.append(link);
});

/** To evaluate it takes some tenths of a second in which the page answers nobody: that waits for a moment without use. */
async function leftAlone() {
  const asked = performance.now();
  while (performance.now() - touched < LEFT_ALONE_MS && performance.now() - asked < PATIENCE_MS) await new Promise((resolve) => { setTimeout(resolve, 50); });
}

// Plotly brings a sheet for maps, which the policy refuses, unless it finds it in the page by this id. There are no maps.
const SHEET_OF_MAPS = '9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53';

const evaluated = () => new Promise((resolve, reject) => {
  const script = document.createElement('script');
  script.id = SHEET_OF_MAPS;
  script.src = document.documentElement.dataset.plotly;
  script.onload = () => resolve(window.Plotly);
  script.onerror = () => reject(new Error('the library of the charts did not arrive'));
  document.head.append(script);
});

export const CONFIG = { displayModeBar: false, responsive: true, showTips: false };
const drawn = new Map();
const near = new Set();
let isDrawing = false;

const observer = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) near.add(target); else near.delete(target);
  }
  if (!isDrawing) drawNear();
}, { rootMargin: '400px' });

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
    await draw(next, drawn.get(next) ?? JSON.parse(next.dataset.figure));
    await aFrame();
  }
  isDrawing = false;
}

/** Of those near the window, scrolled away again or not, the one that is nearest its top. */
function nearest() {
  const top = (plot) => Math.abs(plot.getBoundingClientRect().top);
  return [...near].reduce((first, plot) => (first && top(first) <= top(plot) ? first : plot), null);
}

/** When what has been drawn is to be seen, and what came meanwhile is answered. A hidden tab has no frames. */
const aFrame = () => new Promise((resolve) => {
  const soon = setTimeout(resolve, 200);
  requestAnimationFrame(() => { clearTimeout(soon); setTimeout(resolve); });
});

/** Draw a figure in an element, or draw it anew. */
export async function draw(element, figure) {
  drawn.set(element, figure);
  try {
    const library = await plotly();
    await library.react(element, traces(figure), layout(figure), CONFIG);
  } catch (error) {
    element.textContent = `The chart cannot be drawn (${error.message}); its numbers stand below.`;
  }
}

/** Let go of the charts within an element that leaves the page; plotly would hold them for ever. */
export function forget(root) {
  for (const element of [...drawn.keys(), ...near]) {
    if (!root.contains(element)) continue;
    observer.unobserve(element);
    near.delete(element);
    if (drawn.delete(element)) window.Plotly?.purge(element);
  }
}

// Colours are those of the sheet, so a change of scheme draws all anew, as they come near again.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const element of drawn.keys()) {
    if (element.isConnected) observer.observe(element); else drawn.delete(element);
  }
});

/** The value of a colour of gait.css. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
export const seriesColour = (number) => colour(`series-${(number % 6) + 1}`);

/** Where the colours come round again, another symbol and dash tell series apart. */
const round = (choices, number) => choices[Math.floor(number / 6) % choices.length];
const SYMBOLS = ['circle', 'square', 'diamond', 'triangle-up'];
const DASHES = ['solid', 'dash', 'dot', 'dashdot'];

/** The layout that all charts share. */
export function baseLayout() {
  return {
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour('ink') },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    margin: { l: 56, r: 16, t: 32, b: 44 },
    hovermode: 'closest',
    hoverlabel: { bgcolor: colour('card'), bordercolor: colour('line'), font: { color: colour('ink') } },
    legend: { orientation: 'h', yref: 'container', y: 0, yanchor: 'bottom', x: 0, font: { color: colour('ink') } },
  };
}

/** The look that all axes share. */
export function baseAxis() {
  return { gridcolor: colour('line'), linecolor: colour('line'), zerolinecolor: colour('line'), tickcolor: colour('line'), automargin: true, fixedrange: true };
}

const BETTER = { higher: 'more is better', lower: 'less is better', neither: '' };

/** One factor and unit for a whole axis: the one that fits its largest value. */
function axisUnit(figure, axis) {
  const values = figure.traces.filter((trace) => axisOf(figure, trace) === axis).flatMap((trace) => [...trace.y, ...(trace.high ?? [])]).filter((y) => y !== null);
  const largest = values.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  const [number, unit] = scaled(largest, axis.unit);
  return { factor: number ? largest / number : 1, unit };
}

const axisOf = (figure, trace) => (trace.second ? figure.y2 : figure.y);

function traces(figure) {
  return figure.traces.map((trace, number) => drawnTrace(figure, trace, trace.series ?? number));
}

function drawnTrace(figure, trace, series) {
  const color = trace.look === 'levels' ? colour('ink') : seriesColour(series);
  const { factor } = axisUnit(figure, axisOf(figure, trace));
  const divided = (values) => values.map((value) => (value === null ? null : value / factor));
  const y = divided(trace.y);
  const bounds = trace.low && {
    type: 'data', symmetric: false, color, thickness: 1.5, width: 4,
    array: divided(trace.high).map((high, index) => (high === null ? 0 : high - y[index])),
    arrayminus: divided(trace.low).map((low, index) => (low === null ? 0 : y[index] - low)),
  };
  return {
    ...look(trace, series, color),
    name: trace.name, x: trace.x, y, error_y: bounds || undefined, showlegend: trace.legend, yaxis: trace.second ? 'y2' : 'y',
    text: trace.y.map((value, index) => told(figure, trace, value, index)), hoverinfo: 'text', textposition: 'none',
  };
}

const LONG = 60;

function look(trace, series, color) {
  const symbol = trace.hollow ? trace.hollow.map((hollow) => round(SYMBOLS, series) + (hollow ? '-open' : '')) : round(SYMBOLS, series);
  switch (trace.look) {
    case 'bars': return { type: 'bar', marker: { color } };
    case 'dots': return { type: 'scatter', mode: 'markers', marker: { color, symbol, size: 8, opacity: 0.6 } };
    case 'levels': return { type: 'scatter', mode: 'markers', marker: { color, symbol: 'line-ew-open', size: 28, line: { width: 2.5, color } } };
    default: return { type: 'scatter', mode: trace.x.length > LONG ? 'lines' : 'lines+markers', line: { color, width: 2, dash: round(DASHES, series) }, marker: { color, symbol, size: 7 } };
  }
}

function told(figure, trace, value, index) {
  const { unit } = axisOf(figure, trace);
  const interval = trace.low?.[index] == null ? '' : ` (95 %: ${asText(trace.low[index], unit)} – ${asText(trace.high[index], unit)})`;
  const note = trace.notes?.[index] ? `<br>${escaped(trace.notes[index])}` : '';
  return `${escaped(trace.name)}<br>${asText(value, unit)}${interval}${note}`;
}

// Plotly reads a little markup in texts.
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function layout(figure) {
  const types = { time: 'date', category: 'category', log: 'log', linear: 'linear' };
  return {
    ...baseLayout(),
    showlegend: figure.traces.filter((trace) => trace.legend !== false).length > 1,
    xaxis: { ...baseAxis(), title: { text: figure.x.names?.length ? '' : [figure.x.title, figure.x.unit && `(${figure.x.unit})`].filter(Boolean).join(' ') }, type: types[figure.x.scale], ...ticks(figure) },
    yaxis: { ...baseAxis(), rangemode: figure.from_zero ? 'tozero' : 'normal' },
    ...(figure.y2 ? { yaxis2: { ...baseAxis(), overlaying: 'y', side: 'right', showgrid: false, tickmode: 'auto' } } : {}),
    shapes: figure.marks.map((mark) => ({ type: 'line', x0: mark.at, x1: mark.at, yref: 'paper', y0: 0, y1: 1, line: { color: colour('soft'), width: 1.5, dash: 'dot' } })),
    annotations: [aboveTheAxis(titled(figure, figure.y), 'left'), ...(figure.y2 ? [aboveTheAxis(titled(figure, figure.y2), 'right')] : []), ...figure.marks.map((mark, number) => named(figure, mark, number))],
    bargap: 0.3,
  };
}

function titled(figure, axis) {
  const { unit } = axisUnit(figure, axis);
  return [axis.title, unit && `(${unit})`, BETTER[axis.better] && `· ${BETTER[axis.better]}`].filter(Boolean).join(' ');
}

const FEW = 4;
const shortened = (name) => (name.length > 18 ? `${name.slice(0, 8)}…${name.slice(-9)}` : name);

/** A model over what it was measured at. */
const inLines = (name, isCrowded) => name.split(', ').map((part) => escaped(isCrowded ? shortened(part) : part)).join('<br>');

function ticks(figure) {
  if (figure.x.names?.length) {
    const at = figure.x.names.map(([place]) => place);
    return { tickvals: at, ticktext: figure.x.names.map(([, name]) => inLines(name, at.length > (innerWidth < 640 ? 1 : FEW))), range: [Math.min(...at) - 0.6, Math.max(...at) + 0.6], showgrid: false };
  }
  return figure.x.scale === 'log' ? { tickvals: places(figure), ticktext: places(figure).map(String) } : { tickformat: figure.x.ticks };
}

/** What the y axis shows, where it can be read without turning the head. */
const aboveTheAxis = (text, side) => ({ x: side === 'left' ? 0 : 1, xref: 'paper', xanchor: side, y: 1.02, yref: 'paper', yanchor: 'bottom', showarrow: false, text, font: { color: colour('soft'), size: 12 } });

const named = (figure, mark, number) => ({
  x: figure.x.scale === 'log' ? Math.log10(mark.at) : mark.at, y: 0.98, yshift: -16 * number, yref: 'paper', yanchor: 'top', xanchor: 'left', showarrow: false, text: ` ${escaped(mark.text)}`, font: { color: colour('soft'), size: 12 },
});

/** The x that were measured, as ticks of a logarithmic axis. */
const places = (figure) => [...new Set(figure.traces.flatMap((trace) => trace.x))].sort((a, b) => a - b);
