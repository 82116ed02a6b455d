// The readings as one plotly figure: a panel for each kind of quantity, those that were told, on one time axis.

import { element } from '../lib/dom.js';
import { baseAxis, baseLayout, widthOf } from '../charts/layout.js';
import { COLOURS, DASHES, colourOf } from '../charts/traces.js';
import { asText, scaled } from '../lib/formatting.js';
import { phaseTraces, testMarks } from './phases.js';
import { localMs } from '../lib/times.js';

const PANEL_PX = 104;
const BELOW_PX = 8;
const NAMES_PX = 24; // of tests, above the first panel's title
const ROW_PX = 20;
const COLUMN_PX = 136; // the sheet's 8.5rem, and what is between two
const BETWEEN_PX = 8;
const TICK_PX = 80;
const BOTTOM_PX = 34;

/** Where the panels lie in the plot, in pixels. */
export const EDGES = { left: 60, right: 12, bottom: BOTTOM_PX };

const CLOCK = [{ dtickrange: [null, 999], value: '%H:%M:%S.%L' }, { dtickrange: [1000, 60000], value: '%H:%M:%S' }, { dtickrange: [60000, null], value: '%H:%M' }];

const PANELS = [
  { title: 'CPU', channels: { cpu: 'all', ollamaCpu: 'Ollama' }, range: [0, 100] },
  { title: 'RAM', channels: { ramUsed: 'used', ollamaMemory: 'Ollama', swapUsed: 'swap' } },
  { title: 'GPU', channels: { utilization: 'busy', utilizationForeign: 'by others' }, range: [0, 100] },
  { title: 'VRAM', channels: { memoryUsed: 'used', memoryOllama: 'Ollama' } },
  { title: 'Power', channels: { power: 'GPU' } },
  { title: 'Temperature', channels: { temperature: 'GPU', memoryTemperature: 'GPU memory', cpuTemperature: 'CPU' } },
  { title: 'Clocks', channels: { smClock: 'GPU', memoryClock: 'GPU memory', cpuFrequency: 'CPU' } },
];

/** Whether a finger points, for which a drag scrolls the page. */
export const isTouch = () => matchMedia('(pointer: coarse)').matches;

/** Those panels of which a channel was told, with their lines: [{title, unit, factor, range, lines: [{name, channel, look, dash}]}]. */
export function panelsOf({ series }) {
  const cards = new Set(series.map((channel) => channel.gpu)).size > 2;
  return PANELS.map((panel) => {
    const names = Object.keys(panel.channels);
    const lines = series.filter((channel) => names.includes(channel.name) && isTold(panel, channel)).map((channel) => ({
      name: panel.channels[channel.name] + (cards && channel.gpu !== null ? ` ${channel.gpu}` : ''), channel, place: names.indexOf(channel.name),
    }));
    lines.sort((a, b) => a.place - b.place).forEach((line, index) => Object.assign(line, lookOf(line, index, cards)));
    return { ...panel, lines, ...unitOf(lines) };
  }).filter((panel) => panel.lines.length > 0);
}

/** Of several cards each has its colour, and its kinds of quantity their dashes. */
const lookOf = ({ channel, place }, index, cards) => (cards && channel.gpu !== null ? { look: channel.gpu, dash: DASHES[(2 * place + Math.floor(channel.gpu / COLOURS)) % DASHES.length] } : { look: index, dash: 'solid' });

// Swap that nobody uses, and others that do nothing, are no news.
const isTold = (panel, channel) => !['swapUsed', 'utilizationForeign'].includes(channel.name) || (channel.max ?? channel.values).some((value) => value > 0);

function unitOf(lines) {
  if (lines.length === 0) return {};
  const most = Math.max(0, ...lines.flatMap(({ channel }) => (channel.max ?? channel.values).filter((value) => value !== null)));
  const [number, unit] = scaled(most, lines[0].channel.unit);
  return { unit, factor: number ? most / number : 1, most: number };
}

/**
 * {traces, layout, panels, span}; null where there is nothing to show. `window` is [from, to] in ms, null for all of it.
 * Each panel tells where it and its title begin, and whether that needs `rows`, in pixels.
 */
export function figureOf(data, window, width) {
  const inner = width - EDGES.left - EDGES.right;
  const panels = placed(panelsOf(data), inner);
  if (panels.length === 0) return null;
  const span = window ?? [data.at[0], data.at.at(-1) + (data.bucket ?? 0)];
  const x = data.at.map((at) => localMs(at + (data.bucket ?? 0) / 2));
  const marks = testMarks(data, span, inner);
  return {
    traces: [...phaseTraces(data, span), marks.trace, ...panels.flatMap((panel, number) => linesOf(panel, number, x))],
    layout: { ...layoutOf(panels, span, inner, marks.names), width },
    panels,
    span,
  };
}

/** Beneath each other: a title has as many rows as its lines need. */
function placed(panels, width) {
  let titleTop = NAMES_PX;
  return panels.map((panel) => {
    const title = [panel.title, panel.unit, ...panel.lines.map(({ name }) => `${name} 88.8 ${panel.unit}`)];
    const rows = title.reduce((sum, text) => sum + widthOf(text) + 20, 0) < width ? 0 : Math.ceil(panel.lines.length / Math.max(1, Math.floor((width + BETWEEN_PX) / (COLUMN_PX + BETWEEN_PX))));
    const found = { ...panel, titleTop, rows, top: titleTop + (rows + 1) * ROW_PX + 4 };
    titleTop = found.top + PANEL_PX + BELOW_PX;
    return found;
  });
}

function linesOf(panel, number, x) {
  const axes = { xaxis: 'x', yaxis: `y${number + 2}` };
  return panel.lines.flatMap(({ channel, look, dash }, index) => {
    const uid = `series-${colourOf(look)}-${number}-${index}`;
    const line = {
      type: 'scatter', mode: 'lines', uid, ...axes, x, y: divided(channel.mean ?? channel.values, panel.factor), connectgaps: false, hoverinfo: 'skip',
      line: { width: 1.5, dash },
    };
    return channel.mean ? [bandOf(channel, panel.factor, x, axes, uid), line] : [line];
  });
}

/** From the least to the most of each bucket, as one closed shape for each stretch without gaps. */
function bandOf(channel, factor, x, axes, uid) {
  const [outlineX, outlineY] = [[], []];
  let begin = 0;
  for (let index = 0; index <= x.length; index += 1) {
    if (index < x.length && channel.min[index] !== null) continue;
    if (index > begin) {
      const there = x.slice(begin, index);
      outlineX.push(...there, ...[...there].reverse(), null);
      outlineY.push(...divided(channel.max.slice(begin, index), factor), ...divided(channel.min.slice(begin, index), factor).reverse(), null);
    }
    begin = index + 1;
  }
  return { type: 'scatter', mode: 'lines', uid: `band-${uid}`, ...axes, x: outlineX, y: outlineY, fill: 'toself', line: { width: 0.5 }, hoverinfo: 'skip' };
}

const divided = (values, factor) => values.map((value) => (value === null ? null : value / factor));

function layoutOf(panels, [from, to], width, names) {
  const [first, bottom] = [panels[0].top, panels.at(-1).top + PANEL_PX];
  const share = (y) => Math.min(1, Math.max(0, (bottom - y) / (bottom - first)));
  const axes = Object.fromEntries(panels.map((panel, number) => [`yaxis${number + 2}`, {
    ...baseAxis(), anchor: 'x', domain: [share(panel.top + PANEL_PX), share(panel.top)], nticks: 4,
    range: panel.range ?? [0, panel.most > 0 ? panel.most * 1.1 : 1],
  }]));
  return {
    ...baseLayout(), ...axes,
    height: bottom + BOTTOM_PX,
    margin: { l: EDGES.left, r: EDGES.right, t: first, b: BOTTOM_PX },
    hovermode: false,
    dragmode: isTouch() ? false : 'zoom',
    yaxis: { domain: [0, 1], range: [0, 1], visible: false, fixedrange: true, anchor: 'x' },
    xaxis: { ...baseAxis(), type: 'date', ticklabeloverflow: 'hide past div', tickangle: 0, nticks: Math.max(2, Math.floor(width / TICK_PX)), tickformatstops: CLOCK, range: [localMs(from), localMs(to)], fixedrange: false, anchor: `y${panels.length + 1}` },
    annotations: names.map((name) => ({ ...name, yshift: first - NAMES_PX })),
  };
}

/** Rows of a table: each channel's least, mean and most. */
export function summaryOf(data) {
  return panelsOf(data).flatMap((panel) => panel.lines.map(({ name, channel }) => {
    const known = (values) => values.filter((value) => value !== null);
    const mean = known(channel.mean ?? channel.values);
    const told = [least(known(channel.min ?? channel.values)), mean.length ? mean.reduce((sum, value) => sum + value, 0) / mean.length : null, most(known(channel.max ?? channel.values))];
    const row = element('tr');
    row.append(element('th', `${panel.title}, ${name}`), ...told.map((value) => element('td', asText(value, channel.unit), 'amount')));
    row.firstChild.scope = 'row';
    return row;
  }));
}

const least = (values) => (values.length ? values.reduce((a, b) => Math.min(a, b)) : null);
const most = (values) => (values.length ? values.reduce((a, b) => Math.max(a, b)) : null);
