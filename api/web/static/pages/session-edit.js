// The form that changes a session's name, tags, note and pin.

import { request } from '../lib/api.js';
import { find } from '../lib/dom.js';
import { listOf } from '../lib/text.js';
import { problemOf } from './session-actions.js';

/** @param {string} session */
export function enableEdit(session) {
  const form = find('#session-edit', HTMLFormElement);
  const problem = find('#session-edit .problem', HTMLElement);
  const button = find('#session-edit button', HTMLButtonElement);
  button.disabled = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = await problemOf(() => request('PATCH', `/test-sessions/${session}`, changed(form)));
    button.disabled = false;
    if (!problem.textContent) location.reload();
  };
}

/**
 * Return what the form says, with null for what is empty.
 * @param {HTMLFormElement} form
 */
function changed(form) {
  const given = new FormData(form);
  const text = (/** @type {string} */ name) => String(given.get(name) ?? '').trim();
  return {
    name: text('name') || null,
    tags: listOf(text('tags')),
    note: text('note').replaceAll('\r\n', '\n') || null,
    pinned: given.has('pinned'),
  };
}
