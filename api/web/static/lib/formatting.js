// Numbers as api/web/pages/formatting.py writes them, for what scripts show: three digits, the unit that fits, a dash for unknown.

import { element } from './dom.js';

const LARGER = {
  ms: [[60000, 'min'], [1000, 's']],
  bytes: [[1e12, 'TB'], [1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']],
  MHz: [[1000, 'GHz']],
};
const POINTS = {
  after: 'after {}', batchSize: 'batch of {}', inputTokens: 'inputs of {} tokens', loadPercent: '{} % load', offloadPercent: '{} % of the layers',
  pageCache: 'page cache {}', prefix: '{} prefix', turn: 'turn {}', users: '{} at once',
};
const SHORT = { 'tokens/s': 'tok/s', 'J/token': 'J/tok', bytes: 'B', 'requests/s': 'req/s', 'embeddings/s': 'emb/s' };

const COUNTED = ['tokens', 'users', 'requests'];

/** Three digits; of whole things no more than are there. */
const digits = (value, unit) => (COUNTED.includes(unit) && Number.isInteger(value) ? String(value) : threeDigits(value));

export function threeDigits(value) {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

/** [number, unit] in the unit in which a person would say it. */
export function scaled(value, unit) {
  for (const [factor, larger] of LARGER[unit] ?? []) {
    if (Math.abs(value) >= factor) return [value / factor, larger];
  }
  return [value, SHORT[unit] ?? unit];
}

/** `12.4 s` as text. */
export function asText(value, unit = '') {
  if (value === null || value === undefined) return '–';
  const [number, shown] = scaled(value, unit);
  return `${digits(number, unit)} ${shown}`.trim();
}

/** `1024 prompt tokens`: what a part of a test is measured at. */
export function pointText(point) {
  const spaced = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const words = ([name, value]) => (POINTS[name] ? POINTS[name].replace('{}', value) : `${value} ${spaced(name)}`);
  return Object.entries(point ?? {}).map(words).join(', ');
}

/** The number and the unit as elements, as `quantity` of the templates has them. */
export function quantity(value, unit = '') {
  if (value === null || value === undefined) {
    const missing = element('span', '–', 'missing');
    missing.setAttribute('role', 'img');
    missing.setAttribute('aria-label', 'unknown');
    return missing;
  }
  const [number, shown] = scaled(value, unit);
  const whole = element('span', '', 'quantity');
  whole.append(element('span', digits(number, unit), 'number'), ' ', element('span', shown, 'unit'));
  return whole;
}
