// A question to the reader in a dialog, and an action if the answer is yes.

import { ApiError } from './api.js';
import { element, mainElement } from './dom.js';
import { sentence } from './text.js';

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
 * Ask the reader, and act if the answer is yes.
 * @param {Question} question
 */
export function confirm(question) {
  const { dialog, problem, yes, no } = makeDialog(question);
  no.onclick = () => dialog.close();
  yes.onclick = async () => {
    yes.disabled = true;
    problem.textContent = await problemOf(question.act);
    yes.disabled = false;
    if (problem.textContent) return;
    dialog.close();
    question.onSuccess();
  };
  open(dialog);
}

/**
 * Open a dialog, and remove it when it is closed.
 * @param {HTMLDialogElement} dialog
 */
export function open(dialog) {
  dialog.addEventListener('close', () => {
    dialog.remove();
    keepFocus();
  });
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
