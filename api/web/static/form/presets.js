// Presets: what somebody wants to know chooses test types, effort and tags.

/** @import { Estimate } from '../../types/answers.js' */

import { request } from '../lib/api.js';
import { find, findAll, setText } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';
import { bodyOf, boxes, checkedValues, field, hostOf } from './body.js';
import { durationsText } from './effort.js';
import { chooseTestTypes } from './prefill.js';

const MINUTE_MS = 60_000;

/** @typedef {{ name: string, testTypes: string[], effort: string, tags: string[] }} Preset */

/**
 * Let the buttons choose, and call `changed` afterwards.
 * @param {HTMLFormElement} form
 * @param {() => void} changed
 */
export function listenToPresets(form, changed) {
  for (const button of buttonsOf(form)) {
    button.onclick = () => {
      choose(form, presetOf(button));
      changed();
    };
  }
}

/**
 * Mark the preset that the form matches.
 * @param {HTMLFormElement} form
 */
export function markPreset(form) {
  const chosen = checkedValues(form, 'testTypes').sort().join();
  const [effort] = checkedValues(form, 'effort');
  for (const button of buttonsOf(form)) {
    const preset = presetOf(button);
    const matches = preset.effort === effort && [...preset.testTypes].sort().join() === chosen;
    button.setAttribute('aria-pressed', String(matches));
  }
}

export class PresetDurations {
  #known = '';
  #form;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
  }

  /** Show how long each preset would take, when the models or the machine have changed. */
  async update() {
    const models = checkedValues(this.#form, 'models');
    const wanted = [hostOf(this.#form), ...models].join();
    if (wanted === this.#known) return;
    this.#known = wanted;
    for (const button of buttonsOf(this.#form)) {
      const text = models.length ? await this.#duration(presetOf(button)) : '';
      if (wanted !== this.#known) return;
      setText(find('[data-preset-duration]', HTMLElement, button), text || aboutText(button, models.length));
    }
  }

  /** @param {Preset} preset */
  async #duration({ testTypes, effort }) {
    const { models, host } = bodyOf(this.#form);
    try {
      /** @type {Estimate} */
      const found = await request('POST', '/estimates', { models, ...(host && { host }), testTypes, effort });
      const isKnown = found.neverMeasured.length === 0;
      return isKnown ? durationsText(found.low, found.high) : '';
    } catch {
      return ''; // the line of the estimate says what is wrong
    }
  }
}

/**
 * Choose the preset of a name, with all models.
 * @param {HTMLFormElement} form
 * @param {string | null} name
 */
export function choosePreset(form, name) {
  const preset = buttonsOf(form)
    .map(presetOf)
    .find((each) => each.name === name);
  if (!preset) return;
  choose(form, preset);
  for (const box of boxes(form, 'models')) box.checked = true;
}

/**
 * Return about how long a preset takes where nothing was measured before.
 * @param {HTMLButtonElement} button
 * @param {number} models
 */
const aboutText = (button, models) =>
  models > 1
    ? `about ${asText(Number(button.dataset.minutes) * models * MINUTE_MS, 'ms')}`
    : `about ${button.dataset.minutes} min a model`;

/** @param {HTMLFormElement} form */
const buttonsOf = (form) => findAll('[data-preset]', HTMLButtonElement, form);

/**
 * @param {HTMLButtonElement} button
 * @returns {Preset}
 */
const presetOf = (button) => JSON.parse(button.dataset.preset ?? '{}');

/**
 * @param {HTMLFormElement} form
 * @param {Preset} preset
 */
function choose(form, { testTypes, effort, tags }) {
  chooseTestTypes(form, testTypes);
  for (const box of boxes(form, 'effort')) box.checked = box.value === effort;
  const entered = field(form, 'tags');
  if (entered && tags.length) entered.value = tags.join(', ');
}
