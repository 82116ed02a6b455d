// The effort of a session: what it sets for each test type, and how long the session would take.

/** @import { Estimate } from '../../types/answers.js' */

import { findAll } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';
import { boxes } from './body.js';

const EQUAL_SHARE = 0.1; // closer bounds are shown as a single number

/**
 * Show the repetitions that the chosen effort sets where none are entered.
 * @param {HTMLFormElement} form
 */
export function showRepetitions(form) {
  const chosen = boxes(form, 'effort').find((box) => box.checked);
  /** @type {Record<string, number>} */
  const work = JSON.parse(chosen?.dataset.work ?? '{}');
  for (const [option, value] of Object.entries(work)) {
    for (const input of findAll(`[data-option="${option}"]`, HTMLInputElement, form)) input.placeholder = String(value);
  }
}

/**
 * Show how long the session would take with each effort; nothing if none of its tests was measured before.
 * @param {HTMLFormElement} form
 * @param {Estimate | null} estimate
 */
export function showDurations(form, estimate) {
  const isKnown = estimate !== null && estimate.neverMeasured.length < estimate.tests;
  for (const place of findAll('[data-duration]', HTMLElement, form)) {
    const found = isKnown && estimate.efforts.find(({ effort }) => effort === place.dataset.duration);
    place.textContent = found ? durationsText(found.low, found.high) : '';
  }
}

/**
 * Return the bounds of a duration as text.
 * @param {number} low In milliseconds.
 * @param {number} high
 */
export function durationsText(low, high) {
  return high - low < EQUAL_SHARE * high
    ? `about ${asText(high, 'ms')}`
    : `${asText(low, 'ms')} to ${asText(high, 'ms')}`;
}
