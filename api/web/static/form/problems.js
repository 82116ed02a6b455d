// What the API refuses, beside the field that it is about; what no field is about stands beside the button.

import { capitalised } from '../lib/dom.js';

export function clearProblems(form) {
  put(form, new Map());
}

/** Who types is not taken elsewhere: only with `focus`, as after a click on the button, is the first wrong field entered.
 * @param {import('../lib/api.js').Refused} error */
export function showProblems(form, error, { focus = false } = {}) {
  const told = new Map(); // line -> sentence
  const left = [];
  for (const [field, text] of flat(error.details)) {
    const line = lineOf(form, field);
    if (line) told.set(line, [told.get(line), capitalised(text)].filter(Boolean).join('; '));
    else left.push(`${field}: ${text}`);
  }
  if (left.length || !told.size) told.set(form.querySelector('[data-error=""]'), left.join('; ') || capitalised(error.message));
  put(form, told);
  if (focus) enter(form);
}

/** Details are nested by field; their leaves are lists of sentences. */
function* flat(details, path = '') {
  for (const [name, value] of Object.entries(details)) {
    const field = path ? `${path}.${name}` : name;
    if (Array.isArray(value) || typeof value === 'string') yield [field, [value].flat().join('; ')];
    else yield* flat(value, field);
  }
}

// A list's entry is numbered: tags.0 is about tags.
const lineOf = (form, field) => form.querySelector(`[data-error="${CSS.escape(field)}"]`) ?? form.querySelector(`[data-error="${CSS.escape(field.split('.')[0])}"]`);

/** Lines that stay as they are stay untouched: a screen reader reads aloud each that changes. */
function put(form, told) {
  for (const line of form.querySelectorAll('[data-error]')) {
    const text = told.get(line) ?? '';
    if (line.textContent !== text) line.textContent = text;
    const field = line.id && form.querySelector(`[aria-describedby~="${line.id}"]`);
    if (field && text) field.setAttribute('aria-invalid', 'true');
    else if (field) field.removeAttribute('aria-invalid');
    if (text) for (let details = line.closest('details'); details; details = details.parentElement.closest('details')) details.open = true;
  }
}

/** The first field that is wrong, or the first choice of those among which one is. */
function enter(form) {
  const line = [...form.querySelectorAll('[data-error]:not([data-error=""])')].find((one) => one.textContent);
  const field = form.querySelector('[aria-invalid]') ?? [...line?.closest('fieldset')?.querySelectorAll('input, select') ?? []].find((one) => one.checkVisibility());
  field?.focus();
}
