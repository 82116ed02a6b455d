// The body of a new session, as the form states it.

/** @import { NewSession, OptionValue } from '../../types/answers.js' */

import { findAll } from '../lib/dom.js';
import { storedKey } from '../lib/key.js';
import { address } from '../lib/root.js';
import { listOf } from '../lib/text.js';

/**
 * Return the input or select of a form with a name; null if the form has none.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function field(form, name) {
  const found = form.elements.namedItem(name);
  return found instanceof HTMLInputElement || found instanceof HTMLSelectElement ? found : null;
}

/**
 * Return the checkboxes or radio buttons with a name.
 * @param {ParentNode} form
 * @param {string} name
 */
export const boxes = (form, name) => findAll(`[name=${name}]`, HTMLInputElement, form);

/**
 * Return the values of the checkboxes or radio buttons with a name that are checked.
 * @param {ParentNode} form
 * @param {string} name
 */
export const checkedValues = (form, name) => boxes(form, name).flatMap((box) => (box.checked ? [box.value] : []));

/**
 * Return the chosen machine; an empty text if there is only one.
 * @param {HTMLFormElement} form
 */
export const hostOf = (form) => checkedValues(form, 'host')[0] ?? '';

/**
 * Return the body for the API, with only what differs from the defaults.
 * @param {HTMLFormElement} form
 * @returns {NewSession}
 */
export function bodyOf(form) {
  const [models, testTypes] = [checkedValues(form, 'models'), checkedValues(form, 'testTypes')];
  const choices = {
    options: optionsOf(form, testTypes),
    host: hostOf(form),
    order: models.length > 1 ? textOf(form, 'order') : DEFAULTS.order,
    effort: checkedValues(form, 'effort')[0],
    repeat: numberOf(textOf(form, 'repeat')),
    name: textOf(form, 'name'),
    tags: listOf(textOf(form, 'tags')),
  };
  return { models, testTypes, ...Object.fromEntries(Object.entries(choices).filter(differs)) };
}

/** @type {Record<string, unknown>} */
const DEFAULTS = { order: 'sequential', effort: 'standard', repeat: 1 };

/**
 * Return whether a choice is neither empty nor the default.
 * @param {[string, unknown]} choice
 */
const differs = ([name, value]) =>
  value !== DEFAULTS[name] && (typeof value === 'object' ? Object.keys(value ?? {}).length > 0 : value !== '');

/**
 * Return the options that were entered, by test type.
 * @param {HTMLFormElement} form
 * @param {string[]} testTypes
 */
function optionsOf(form, testTypes) {
  /** @type {NonNullable<NewSession['options']>} */
  const options = {};
  for (const type of testTypes) {
    const entered = findAll(`[data-type="${type}"] [data-option]`, HTMLInputElement, form).filter((input) =>
      input.value.trim(),
    );
    if (entered.length) {
      options[type] = Object.fromEntries(entered.map((input) => [input.dataset.option ?? '', valueOf(input)]));
    }
  }
  return options;
}

/**
 * @param {HTMLInputElement} input
 * @returns {OptionValue}
 */
const valueOf = (input) =>
  'multiple' in input.dataset ? listOf(input.value).map(numberOf) : numberOf(input.value.trim());

/**
 * Return a number; any other text goes to the API as it is, and the API's message is shown beside the field.
 * @param {string} text
 */
const numberOf = (text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
const textOf = (form, name) => field(form, name)?.value.trim() ?? '';

/**
 * Return the request as a command, as api/web/pages/session/repeat.py writes it: curl before 7.82 has no --json. The
 * key comes from the environment.
 * @param {NewSession} body
 */
export function curlCommand(body) {
  const key = storedKey() === null ? '' : ' -H "X-API-Key: $GAIT_KEY"';
  const json = JSON.stringify(body, null, 1).replaceAll("'", "'\\''");
  return `curl -s ${address('api/v1/test-sessions')}${key} -H 'Content-Type: application/json' \\\n  -d '${json}'`;
}
