// Numbers as pages write them (presentation/formatting.py): three digits, the unit that fits, a dash for unknown.

/** @import { Point } from '../../types/messages.js' */

import { element } from './dom.js';

/** @typedef {number | null | undefined} Known */

/**
 * The tables of api/web/pages/presentation/formatting.py, which each page contains.
 * @typedef {object} Formats
 * @property {Record<string, [number, string][]>} largerUnits The largest first.
 * @property {Record<string, string>} shortUnits
 * @property {string[]} countUnits
 * @property {Record<string, string>} points
 */
/** @type {Formats} */
const FORMATS = JSON.parse(document.documentElement.dataset.formats ?? '{}');

const [MINUTE_S, HOUR_S] = [60, 3600];
const NEARLY = 0.005; // as in common/values/units.py

/**
 * Return three digits; a count is written in full, and so is the memory of a card.
 * @param {number} value
 * @param {string} unit
 */
function digits(value, unit) {
  return isWhole(value, unit) ? String(Math.round(value)) : threeDigits(value);
}

/**
 * @param {number} value
 * @param {string} unit
 */
const isWhole = (value, unit) =>
  FORMATS.countUnits.includes(unit)
    ? Number.isInteger(value)
    : unit === 'bytes' && Math.abs(value - Math.round(value)) <= NEARLY * Math.abs(value);

/** @param {number} value */
function threeDigits(value) {
  const size = Math.abs(value);
  if (size >= 99.95) return value.toFixed(0);
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

/**
 * Return a number and its unit, in the unit that suits its size.
 * @param {number} value
 * @param {string} unit
 * @returns {[number, string]}
 */
export function scaled(value, unit) {
  for (const [factor, larger] of FORMATS.largerUnits[unit] ?? []) {
    if (Math.abs(value) >= factor) return [value / factor, larger];
  }
  return [value, FORMATS.shortUnits[unit] ?? unit];
}

/**
 * Return the unit that suits the largest value of an axis, and the factor that its values are divided by.
 * @param {number} largest
 * @param {string} unit
 */
export function axisScale(largest, unit) {
  const [number, shown] = scaled(largest, unit);
  return { unit: shown, factor: number ? largest / number : 1 };
}

/**
 * Divide the values that are known.
 * @param {(number | null)[]} values
 * @param {number} factor
 */
export const divided = (values, factor) => values.map((value) => (value === null ? null : value / factor));

/**
 * Return a value as text, such as `12.4 s`.
 * @param {Known} value
 * @param {string} [unit]
 */
export function asText(value, unit = '') {
  return value === null || value === undefined ? '–' : numberAndUnit(value, unit).join(' ').trim();
}

/**
 * Return the text of a value in the unit that fits it, and that unit: 83,000 ms are `1 min 23` and `s`.
 * @param {number} value
 * @param {string} unit
 * @returns {[string, string]}
 */
function numberAndUnit(value, unit) {
  const seconds = Math.round(Math.abs(value) / 1000);
  if (unit === 'ms' && seconds >= MINUTE_S) return longDuration(seconds, value < 0 ? '-' : '');
  const [number, shown] = scaled(value, unit);
  const text = digits(number, unit);
  return [text, text === '1' && FORMATS.countUnits.includes(unit) ? shown.replace(/s$/, '') : shown];
}

/**
 * @param {number} seconds
 * @param {string} sign
 * @returns {[string, string]}
 */
function longDuration(seconds, sign) {
  const isShort = seconds < HOUR_S;
  const [larger, smaller, unit, rest] = isShort ? [MINUTE_S, 1, 'min', 's'] : [HOUR_S, MINUTE_S, 'h', 'min'];
  const [whole, parts] = [Math.floor(seconds / larger), Math.floor((seconds % larger) / smaller)];
  return parts ? [`${sign}${whole} ${unit} ${parts}`, rest] : [`${sign}${whole}`, unit];
}

/**
 * Return the conditions of a run as text, such as `1024 prompt tokens`.
 * @param {Point | null} point
 */
export function pointText(point) {
  return Object.entries(point ?? {})
    .map(([name, value]) => conditionText(name, value))
    .join(', ');
}

/**
 * @param {string} name
 * @param {number | string} value
 */
function conditionText(name, value) {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return (FORMATS.points[name] ?? `{} ${words}`).replace('{}', String(value));
}

/**
 * Return a value as elements, as the filter `quantity` of the templates does.
 * @param {Known} value
 * @param {string} [unit]
 */
export function quantity(value, unit = '') {
  if (value === null || value === undefined) return unknown();
  const [number, shown] = numberAndUnit(value, unit);
  const whole = element('span', '', 'quantity');
  whole.append(element('span', number, 'number'), ' ', element('span', shown, 'unit'));
  return whole;
}

function unknown() {
  const dash = element('span', '–', 'missing');
  dash.setAttribute('role', 'img');
  dash.setAttribute('aria-label', 'unknown');
  return dash;
}
