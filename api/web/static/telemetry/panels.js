// The panels of the chart of the readings: one for each kind of quantity that was reported.

/** @import { Channel, Telemetry } from '../../types/answers.js' */

import { COLOURS, DASHES } from '../charts/series.js';
import { element } from '../lib/dom.js';
import { asText, axisScale } from '../lib/formatting.js';

/**
 * @typedef {object} PanelLine
 * @property {string} name
 * @property {Channel} channel
 * @property {number} series The number of its colour, from 0.
 * @property {string} dash
 */

/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} unit
 * @property {number} factor Values are divided by it.
 * @property {number} top The upper end of the y axis.
 * @property {PanelLine[]} lines
 */

/** @type {{ title: string, channels: Record<string, string>, top?: number }[]} */
const PANELS = [
  { title: 'CPU', channels: { cpu: 'all', ollamaCpu: 'Ollama' }, top: 100 },
  { title: 'RAM', channels: { ramUsed: 'used', ollamaMemory: 'Ollama', swapUsed: 'swap' } },
  { title: 'GPU', channels: { utilization: 'busy', utilizationForeign: 'by others' }, top: 100 },
  { title: 'VRAM', channels: { memoryUsed: 'used', memoryOllama: 'Ollama' } },
  { title: 'Power', channels: { power: 'GPU' } },
  { title: 'Temperature', channels: { temperature: 'GPU', memoryTemperature: 'GPU memory', cpuTemperature: 'CPU' } },
  { title: 'Clocks', channels: { smClock: 'GPU', memoryClock: 'GPU memory', cpuFrequency: 'CPU' } },
];
const SHOWN_WHEN_USED = ['swapUsed', 'utilizationForeign'];
const HEADROOM = 1.1;

/** @param {Channel} channel */
export const means = (channel) => channel.mean ?? channel.values ?? [];
/** @param {Channel} channel */
export const minima = (channel) => channel.min ?? channel.values ?? [];
/** @param {Channel} channel */
export const maxima = (channel) => channel.max ?? channel.values ?? [];

/**
 * Return the panels that have a line.
 * @param {Telemetry} data
 * @returns {Panel[]}
 */
export function panelsOf({ series }) {
  const hasSeveralGpus = new Set(series.flatMap(({ gpu }) => (gpu === null ? [] : [gpu]))).size > 1;
  return PANELS.flatMap(({ title, channels, top }) => {
    const lines = linesOf(channels, series, hasSeveralGpus);
    if (lines.length === 0) return [];
    const largest = Math.max(0, ...lines.map(({ channel }) => largestOf(channel)));
    const scale = axisScale(largest, lines[0].channel.unit);
    const scaled = largest / scale.factor;
    return [{ title, lines, ...scale, top: top ?? (scaled > 0 ? scaled * HEADROOM : 1) }];
  });
}

/** @param {Channel} channel */
const largestOf = (channel) =>
  maxima(channel).reduce((/** @type {number} */ largest, value) => Math.max(largest, value ?? 0), 0);

/**
 * Return the lines of a panel in the order of its channels.
 * @param {Record<string, string>} channels Names by channel.
 * @param {Channel[]} series
 * @param {boolean} hasSeveralGpus
 * @returns {PanelLine[]}
 */
function linesOf(channels, series, hasSeveralGpus) {
  const shown = Object.entries(channels).flatMap(([key, name], place) =>
    series.filter((channel) => channel.name === key && isShown(channel)).map((channel) => ({ name, channel, place })),
  );
  return shown.map(({ name, channel, place }, index) => {
    if (!hasSeveralGpus || channel.gpu === null) return { name, channel, series: index, dash: 'solid' };
    // Each GPU has its colour, and each of its quantities a dash.
    const dash = DASHES[(2 * place + Math.floor(channel.gpu / COLOURS)) % DASHES.length];
    return { name: `${name} ${channel.gpu}`, channel, series: channel.gpu, dash };
  });
}

/** @param {Channel} channel */
const isShown = (channel) => !SHOWN_WHEN_USED.includes(channel.name) || largestOf(channel) > 0;

/**
 * Return table rows with the minimum, mean and maximum of each channel.
 * @param {Telemetry} data
 */
export function summaryRows(data) {
  return panelsOf(data).flatMap(({ title, lines }) =>
    lines.map((line) => summaryRow(`${title}, ${line.name}`, line.channel)),
  );
}

/**
 * @param {string} name
 * @param {Channel} channel
 */
function summaryRow(name, channel) {
  const [low, middle, high] = [minima(channel), means(channel), maxima(channel)].map((values) =>
    values.filter((value) => value !== null),
  );
  const mean = middle.length ? middle.reduce((sum, value) => sum + value, 0) / middle.length : null;
  const cells = [smallest(low), mean, largest(high)].map((value) =>
    element('td', asText(value, channel.unit), 'amount'),
  );
  const row = element('tr');
  row.append(Object.assign(element('th', name), { scope: 'row' }), ...cells);
  return row;
}

// Arguments of Math.min may be too many for the stack.
/** @param {number[]} values */
const smallest = (values) => (values.length ? values.reduce((a, b) => Math.min(a, b)) : null);
/** @param {number[]} values */
const largest = (values) => (values.length ? values.reduce((a, b) => Math.max(a, b)) : null);
