// The forms that change a session's name, tags, note and pin: on its page, and in a dialog of the list.

/** @import { ListedSession } from '../../types/answers.js' */

import { ApiError, request } from '../lib/api.js';
import { confirm, open, problemOf } from '../lib/dialog.js';
import { element, find, findAll } from '../lib/dom.js';
import { listOf } from '../lib/text.js';
import { cancelQuestion, deleteQuestion } from './session-actions.js';

/** @param {string} session */
export function enableEdit(session) {
  const form = find('#session-edit', HTMLFormElement);
  find('#session-edit button', HTMLButtonElement).disabled = false;
  saveOnSubmit(form, session, () => location.reload());
}

/**
 * Open a dialog that changes a session, cancels it or deletes it.
 * @param {string} id
 * @param {(done: string) => void} onChange Called with what was done.
 */
export async function openEditor(id, onChange) {
  const session = await listedSession(id);
  const dialog = element('dialog');
  dialog.setAttribute('aria-labelledby', 'editor-title');
  dialog.append(find('#session-editor', HTMLTemplateElement).content.cloneNode(true));
  const [form, end] = [find('form', HTMLFormElement, dialog), find('[data-end]', HTMLButtonElement, dialog)];
  const close = (/** @type {string} */ done) => {
    dialog.close();
    onChange(done);
  };
  fill(form, session);
  saveOnSubmit(form, id, () => close('Saved.'));
  find('[data-close]', HTMLButtonElement, dialog).onclick = () => dialog.close();
  end.textContent = session.status === 'running' ? 'Cancel session' : 'Delete session';
  end.onclick = () => confirm(endQuestion(id, session, close));
  open(dialog);
}

/**
 * @param {string} id
 * @returns {Promise<ListedSession>}
 */
async function listedSession(id) {
  const { sessions } = await request('GET', `/test-sessions?${new URLSearchParams({ search: id, results: 'false' })}`);
  if (sessions.length === 0) throw new ApiError(404, 'This session was deleted already.');
  return sessions[0];
}

/**
 * Return the question before a session is cancelled, or deleted if it has ended.
 * @param {string} id
 * @param {ListedSession} session
 * @param {(done: string) => void} close
 */
function endQuestion(id, { name, status, phase }, close) {
  const called = name ?? 'the session';
  if (status === 'running') return cancelQuestion(id, phase === 'queued', () => close(`Cancelled: ${called}.`));
  return deleteQuestion(id, () => close(`Deleted: ${called}.`));
}

/**
 * @param {HTMLFormElement} form
 * @param {ListedSession} session
 */
function fill(form, { name, tags, note, pinned }) {
  /** @type {Record<string, string>} */
  const texts = { name: name ?? '', tags: tags.join(', '), note: note ?? '' };
  for (const field of findAll('input, textarea', HTMLElement, form)) {
    if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = pinned;
    else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = texts[field.name];
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} session
 * @param {() => void} onSuccess
 */
function saveOnSubmit(form, session, onSuccess) {
  const [problem, button] = [find('.problem', HTMLElement, form), find('button', HTMLButtonElement, form)];
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = await problemOf(() => request('PATCH', `/test-sessions/${session}`, changed(form)));
    button.disabled = false;
    if (!problem.textContent) onSuccess();
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
