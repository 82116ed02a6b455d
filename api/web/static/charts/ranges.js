// The ends of axes that do not begin at zero, as api/web/pages/charts/svg/scales.py has them, so that charts say so.

/** @import { Axis, Chart } from '../../types/charts.js' */

import { asText } from '../lib/formatting.js';

const MARGIN = 0.06;
const NEAR_ZERO = 0.5; // share of the largest value
const MIN_SHARE = 0.1; // of the largest value, so that noise looks like noise

/**
 * Return the ends of an axis, null if plotly chooses them because it begins at zero.
 * @param {Chart} chart
 * @param {Axis} axis
 * @returns {[number, number] | null}
 */
export function rangeOf(chart, axis) {
  const isSecond = axis === chart.y2;
  const values = chart.traces
    .filter((trace) => Boolean(trace.second) === isSecond)
    .flatMap(({ y, low, high }) => [y, low ?? [], high ?? []].flat())
    .filter((value) => value !== null);
  if (!values.length || (chart.from_zero && !isSecond)) return null;
  return endsOf(Math.min(...values), Math.max(...values));
}

/**
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function endsOf(low, high) {
  if (low > 0 && low <= NEAR_ZERO * high) return [0, high * (1 + MARGIN)];
  const margin = (high - low) * MARGIN;
  const lacking = MIN_SHARE * Math.max(Math.abs(low), Math.abs(high)) - (high - low) - 2 * margin;
  const room = margin + Math.max(lacking, 0) / 2 || 1;
  const start = low - room;
  return [low >= 0 && start <= 0 ? 0 : start, high + room];
}

/**
 * Return where an axis begins, in words; empty if it begins at zero.
 * @param {Chart} chart
 * @param {Axis} axis
 */
export function beginning(chart, axis) {
  const [start] = rangeOf(chart, axis) ?? [0];
  return start > 0 ? `axis begins at ${asText(start, axis.unit)}` : '';
}
