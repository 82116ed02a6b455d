// The tick labels of the x axis.

/** @import { Chart } from '../../types/charts.js' */

import { escaped, widthOf } from './text.js';

const DATES_PX = 42;
const TICK_PX = 90;
const LINE_PX = 17;
const PADDING_PX = 12;
const MAX_NAME_LENGTH = 24;

/** @typedef {{ axis: object, height?: number }} Ticks The axis for plotly, and the height of its labels in pixels. */
/** @typedef {[number | string, string]} NamedPlace */

/**
 * Return the ticks of the x axis; `height` is left out if the labels are one line of numbers.
 * @param {Chart} chart
 * @param {number} width Pixels between the y axes.
 * @param {number} side Pixels beside the axis that slanted names may use.
 * @returns {Ticks}
 */
export function ticksOf(chart, width, side) {
  const { names, scale, ticks } = chart.x;
  if (names?.length) return nameTicks(names, width, side);
  if (scale === 'category') return nameTicks(categories(chart), width, side);
  if (scale === 'log') return { axis: logTicks(chart) };
  const count = Math.max(2, Math.floor(width / TICK_PX));
  const axis = { tickformat: ticks, nticks: count, tickangle: 0, ...(chart.x.whole ? wholeTicks(chart, count) : {}) };
  return scale === 'time' ? { axis: { ...axis, ticklabeloverflow: 'hide past div' }, height: DATES_PX } : { axis };
}

/**
 * Return the values of the x axis, each once.
 * @param {Chart} chart
 */
const valuesOf = (chart) => [...new Set(chart.traces.flatMap((trace) => trace.x))];

/**
 * @param {Chart} chart
 * @returns {[number, string][]}
 */
const categories = (chart) => valuesOf(chart).map((name, place) => [place, String(name)]);

/**
 * Return the distance of about `count` ticks at whole numbers.
 * @param {Chart} chart
 * @param {number} count
 */
function wholeTicks(chart, count) {
  const values = valuesOf(chart).map(Number);
  return { dtick: Math.max(1, Math.ceil((Math.max(...values) - Math.min(...values)) / count)), tickformat: 'd' };
}

/**
 * Return a tick at each value that was measured.
 * @param {Chart} chart
 */
function logTicks(chart) {
  const values = valuesOf(chart)
    .map(Number)
    .sort((a, b) => a - b);
  return { tickvals: values, ticktext: values.map(String) };
}

/**
 * Return a name below each lane: a model, and below it the conditions. Names are level, slanted or upright, as they
 * fit.
 * @param {[number, string][]} names
 * @param {number} width
 * @param {number} side
 * @returns {Ticks}
 */
function nameTicks(names, width, side) {
  const places = names.map(([place]) => place);
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const lane = width / (last - first + 1.2);
  const labels = shortLabels(
    names.map(([, name]) => name),
    lane,
  );
  const { angle, height } = angleOf(labels, lane, side);
  const ticktext = labels.map((lines) => lines.map(escaped).join('<br>'));
  const range = [first - 0.6, last + 0.6];
  return { axis: { tickvals: places, ticktext, tickangle: angle, range, showgrid: false, zeroline: false }, height };
}

/**
 * Return the lines of each label: at most as many as fit a lane when upright.
 * @param {string[]} names
 * @param {number} lane Pixels.
 */
function shortLabels(names, lane) {
  const labels = names.map((name) => name.split(', ').map(shortened));
  const longest = Math.max(...labels.map((lines) => lines.length));
  const count = Math.max(1, Math.min(longest, Math.round(lane / LINE_PX)));
  return labels.map((lines) => lines.slice(0, count));
}

/** @param {string} name */
const shortened = (name) => (name.length > MAX_NAME_LENGTH ? `${name.slice(0, 11)}…${name.slice(-12)}` : name);

/**
 * Return the angle at which labels do not overlap, in degrees, and their height in pixels.
 * @param {string[][]} labels
 * @param {number} lane
 * @param {number} side
 */
function angleOf(labels, lane, side) {
  const longest = Math.max(...labels.flat().map(widthOf));
  const lines = LINE_PX * Math.max(...labels.map((label) => label.length));
  const fitted = (/** @type {number} */ angle, /** @type {number} */ height) => ({
    angle,
    height: Math.ceil(PADDING_PX + height),
  });
  if (longest + 8 < lane) return fitted(0, lines);
  if (lines < lane / 2 && longest * 0.87 < lane / 2 + side) return fitted(-30, longest / 2 + lines);
  return fitted(-90, longest);
}
