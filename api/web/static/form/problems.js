// Errors of the API, each beside the field that caused it; errors without a field are beside the button.

/** @import { Details } from '../../types/answers.js' */
/** @import { ApiError } from '../lib/api.js' */

import { find, findAll, setText } from '../lib/dom.js';
import { capitalised, joinKnown } from '../lib/text.js';

/** @param {HTMLFormElement} form */
export const clearProblems = (form) => put(form, new Map());

/**
 * Show the errors. With `focus`, as after a click on the button, the first wrong field gets the focus.
 * @param {HTMLFormElement} form
 * @param {ApiError} error
 * @param {{ focus?: boolean }} [options]
 */
export function showProblems(form, error, { focus = false } = {}) {
  put(form, textsOf(form, error));
  if (focus) focusFirst(form);
}

/**
 * Return the text of each line that reports an error.
 * @param {HTMLFormElement} form
 * @param {ApiError} error
 */
function textsOf(form, error) {
  /** @type {Map<Element, string>} */
  const texts = new Map();
  const others = [];
  for (const [path, text] of flattened(error.details)) {
    const line = lineOf(form, path);
    if (line) texts.set(line, joinKnown('; ', texts.get(line), capitalised(text)));
    else others.push(`${path}: ${text}`);
  }
  const general = find('[data-error=""]', HTMLElement, form);
  if (others.length || !texts.size) texts.set(general, others.join('; ') || capitalised(error.message));
  return texts;
}

/**
 * Return the path and the text of each error.
 * @param {Details} details
 * @param {string} [path]
 * @returns {[string, string][]}
 */
function flattened(details, path = '') {
  return Object.entries(details).flatMap(([name, value]) => {
    const field = path ? `${path}.${name}` : name;
    if (typeof value === 'string' || Array.isArray(value)) return [[field, [value].flat().join('; ')]];
    return flattened(value, field);
  });
}

/**
 * Return the line for the errors of a field. The entry of a list, such as `tags.0`, has that of the list.
 * @param {HTMLFormElement} form
 * @param {string} path
 */
function lineOf(form, path) {
  const line = (/** @type {string} */ name) => form.querySelector(`[data-error="${CSS.escape(name)}"]`);
  return line(path) ?? line(path.split('.')[0]);
}

/**
 * @param {HTMLFormElement} form
 * @param {Map<Element, string>} texts
 */
function put(form, texts) {
  for (const line of findAll('[data-error]', HTMLElement, form)) {
    const text = texts.get(line) ?? '';
    setText(line, text);
    markField(form, line.id, text !== '');
    if (text) openDetailsAround(line);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} line The id of the line that describes the field.
 * @param {boolean} isWrong
 */
function markField(form, line, isWrong) {
  const field = line && form.querySelector(`[aria-describedby~="${line}"]`);
  if (!field) return;
  if (isWrong) field.setAttribute('aria-invalid', 'true');
  else field.removeAttribute('aria-invalid');
}

/** @param {Element} element */
function openDetailsAround(element) {
  for (let details = element.closest('details'); details; details = details.parentElement?.closest('details') ?? null) {
    details.open = true;
  }
}

/**
 * Focus the first wrong field, or the first of the choices that an error is about.
 * @param {HTMLFormElement} form
 */
function focusFirst(form) {
  const line = findAll('[data-error]:not([data-error=""])', HTMLElement, form).find((each) => each.textContent);
  const fieldset = line?.closest('fieldset');
  const choices = fieldset ? findAll('input, select', HTMLElement, fieldset) : [];
  const [field] = findAll('[aria-invalid]', HTMLElement, form);
  (field ?? choices.find((each) => each.checkVisibility()))?.focus();
  line?.scrollIntoView({ block: 'center' });
}
