// What the API refuses, beside the field that it is about; what no field is about stands beside the button.

import { capitalised } from './elements.js';

export function clearProblems(form) {
  for (const line of form.querySelectorAll('[data-error]')) line.textContent = '';
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
}

/** @param {import('./api.js').Refused} error */
export function showProblems(form, error) {
  const left = [...flat(error.details)].filter(([field, text]) => !show(form, field, text));
  const general = left.map(([field, text]) => `${field}: ${text}`);
  if (general.length || !Object.keys(error.details).length) form.querySelector('[data-error=""]').textContent = general.join('; ') || capitalised(error.message);
  form.querySelector('[aria-invalid]')?.focus();
}

/** Details are nested by field; their leaves are lists of sentences. */
function* flat(details, path = '') {
  for (const [name, value] of Object.entries(details)) {
    const field = path ? `${path}.${name}` : name;
    if (Array.isArray(value) || typeof value === 'string') yield [field, [value].flat().join('; ')];
    else yield* flat(value, field);
  }
}

function show(form, field, text) {
  // A list's entry is numbered: tags.0 is about tags.
  const line = form.querySelector(`[data-error="${CSS.escape(field)}"]`) ?? form.querySelector(`[data-error="${CSS.escape(field.split('.')[0])}"]`);
  if (!line) return false;
  line.textContent = capitalised(text);
  for (let details = line.closest('details'); details; details = details.parentElement.closest('details')) details.open = true;
  const input = line.id && form.querySelector(`[aria-describedby~="${line.id}"]`);
  if (input) input.setAttribute('aria-invalid', 'true');
  return true;
}
