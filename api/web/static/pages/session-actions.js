// Buttons that cancel a running session and delete one that has ended, both after a confirmation.

import { ApiError, request } from '../lib/api.js';
import { element, mainElement } from '../lib/dom.js';
import { address } from '../lib/root.js';
import { sentence } from '../lib/text.js';

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text
 * @property {string} yes
 * @property {string} no
 * @property {() => Promise<unknown>} act Called if the answer is yes.
 * @property {() => void} onSuccess
 */

/**
 * @param {HTMLButtonElement} button
 * @param {string} session
 */
export function enableCancelButton(button, session) {
  button.disabled = false;
  const onSuccess = () => {
    button.ariaDisabled = 'true'; // a disabled button would lose the focus
    button.textContent = 'Cancelling…';
  };
  const question = {
    title: 'Cancel this session?',
    text: 'The current run is lost. Earlier runs are kept.',
    yes: 'Cancel session',
    no: 'Keep running',
    act: () => request('POST', `/test-sessions/${session}/cancel`),
    onSuccess,
  };
  button.addEventListener('click', () => {
    if (button.ariaDisabled !== 'true') confirm(question);
  });
}

/**
 * Add a button that deletes the session to the end of the page.
 * @param {HTMLElement} main
 * @param {string} session
 */
export function addDeleteButton(main, session) {
  const button = element('button', 'Delete session', 'danger');
  const question = {
    title: 'Delete this session?',
    text: 'Its results and readings are deleted permanently.',
    yes: 'Delete session',
    no: 'Keep session',
    act: () => request('DELETE', `/test-sessions/${session}`),
    onSuccess: () => location.assign(address('')),
  };
  button.addEventListener('click', () => confirm(question));
  main.append(button);
}

/**
 * Ask the reader in a dialog, and act if the answer is yes.
 * @param {Question} question
 */
function confirm(question) {
  const { dialog, problem, yes, no } = makeDialog(question);
  no.onclick = () => dialog.close();
  dialog.onclose = () => {
    dialog.remove();
    keepFocus();
  };
  yes.onclick = async () => {
    yes.disabled = true;
    problem.textContent = await problemOf(question.act);
    yes.disabled = false;
    if (problem.textContent) return;
    dialog.close();
    question.onSuccess();
  };
  document.body.append(dialog);
  dialog.showModal();
}

/** Give the focus to the page's main element if what had it went away while the dialog was open. */
function keepFocus() {
  if (document.activeElement === document.body) mainElement().focus({ preventScroll: true });
}

/**
 * Make a dialog. The button that changes nothing is the first, so it gets the focus.
 * @param {Question} question
 */
function makeDialog(question) {
  const [dialog, heading, problem] = [element('dialog'), element('h2', question.title), element('p', '', 'problem')];
  const [no, yes] = [element('button', question.no, 'secondary'), element('button', question.yes, 'danger')];
  const buttons = element('div', '', 'row');
  heading.id = 'dialog-title';
  dialog.setAttribute('aria-labelledby', heading.id);
  problem.role = 'alert';
  buttons.append(no, yes);
  dialog.append(heading, element('p', question.text), problem, buttons);
  return { dialog, problem, yes, no };
}

/**
 * Act, and return why that failed; nothing if it succeeded.
 * @param {() => Promise<unknown>} act
 */
export async function problemOf(act) {
  try {
    await act();
    return '';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 403) {
      return 'Your key is read-only. Ask the operator of Gait for a key that can change sessions.';
    }
    if (error.status === 404) return 'This session was deleted already.';
    return sentence(error.message);
  }
}
