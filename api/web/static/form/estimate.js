// The duration of the chosen session, and the errors in the form, while the reader chooses.

/** @import { Estimate, NewSession } from '../../types/answers.js' */

import { asApiError, request } from '../lib/api.js';
import { find } from '../lib/dom.js';
import { joinKnown, plural } from '../lib/text.js';
import { bodyOf } from './body.js';
import { durationsText, showDurations } from './effort.js';
import { clearProblems, showProblems } from './problems.js';

const DELAY_MS = 250;

export class EstimateLine {
  /** @type {number | undefined} */
  #timer;
  #requests = 0;
  #form;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
  }

  /** Update the estimate when the form has not changed for a moment. */
  updateSoon() {
    this.cancel();
    this.#timer = setTimeout(() => this.#update(), DELAY_MS);
  }

  /** Cancel the update, also one that is under way. */
  cancel() {
    this.#requests += 1;
    clearTimeout(this.#timer);
  }

  async #update() {
    const number = this.#requests;
    const { text, error, found } = await estimate(bodyOf(this.#form));
    if (number !== this.#requests) return;
    showDurations(this.#form, found ?? null);
    find('#estimate', HTMLElement, this.#form).textContent = text;
    if (error) showProblems(this.#form, error);
    else clearProblems(this.#form);
  }
}

/**
 * Return the duration as text, or what is wrong.
 * @param {NewSession} body
 */
async function estimate(body) {
  if (!body.models.length || !body.testTypes.length) return { text: 'Choose at least one model and one test type.' };
  try {
    /** @type {Estimate} */
    const found = await request('POST', '/estimates', body);
    return { text: estimateText(found, body.repeat), found };
  } catch (caught) {
    const error = asApiError(caught);
    if (error.status === 403) return { text: 'Your key is read-only, so it cannot submit sessions.' };
    return {
      text: Object.keys(error.details).length ? 'Some options are not valid. See the messages beside them.' : '',
      error,
    };
  }
}

/**
 * @param {Estimate} estimate
 * @param {NewSession['repeat']} repeat
 */
function estimateText({ low, high, tests, rough, neverMeasured }, repeat) {
  const count = `${plural(tests, 'test')}${repeat ? `, ${repeat} times` : ''}`;
  const unknown = neverMeasured.length;
  if (unknown === tests) return `${count}. The duration is not known, because none of them was measured here before.`;
  const duration = durationsText(low, high);
  const source = `based on earlier tests${rough.length ? ', some with other options' : ''}`;
  const missing = unknown > 0 && `without ${unknown} that ${unknown === 1 ? 'was' : 'were'} never measured here`;
  return `${count}: ${joinKnown('; ', duration, missing, source)}.`;
}
