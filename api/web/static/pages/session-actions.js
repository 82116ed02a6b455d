// What cancels a session that waits or runs, and deletes one that has ended, both after a confirmation.

/** @import { Question } from '../lib/dialog.js' */

import { request } from '../lib/api.js';
import { confirm } from '../lib/dialog.js';
import { element } from '../lib/dom.js';
import { leaveMessage } from '../lib/message.js';
import { address } from '../lib/root.js';

/**
 * Return the question before a session is cancelled. One that waits has no run to lose.
 * @param {string} session
 * @param {boolean} isQueued
 * @param {() => void} onSuccess
 * @returns {Question}
 */
export const cancelQuestion = (session, isQueued, onSuccess) => ({
  title: 'Cancel this session?',
  text: isQueued ? 'It has not started yet.' : 'The current run is lost. Earlier runs are kept.',
  yes: 'Cancel session',
  no: isQueued ? 'Keep waiting' : 'Keep running',
  act: () => request('POST', `/test-sessions/${session}/cancel`),
  onSuccess,
});

/**
 * Return the question before a session is deleted.
 * @param {string} session
 * @param {() => void} onSuccess
 * @returns {Question}
 */
export const deleteQuestion = (session, onSuccess) => ({
  title: 'Delete this session?',
  text: 'Its results and readings are deleted permanently.',
  yes: 'Delete session',
  no: 'Keep session',
  act: () => request('DELETE', `/test-sessions/${session}`),
  onSuccess,
});

/**
 * @param {HTMLButtonElement} button
 * @param {string} session
 * @param {() => boolean} isQueued
 */
export function enableCancelButton(button, session, isQueued) {
  button.disabled = false;
  const onSuccess = () => {
    button.ariaDisabled = 'true'; // a disabled button would lose the focus
    button.textContent = 'Cancelling…';
  };
  button.addEventListener('click', () => {
    if (button.ariaDisabled !== 'true') confirm(cancelQuestion(session, isQueued(), onSuccess));
  });
}

/**
 * Add a button that deletes the session to the end of the page.
 * @param {HTMLElement} main
 * @param {string} session
 */
export function addDeleteButton(main, session) {
  const button = element('button', 'Delete session', 'danger');
  const onSuccess = () => {
    leaveMessage(`Deleted: ${main.querySelector('h1')?.textContent ?? 'the session'}.`);
    location.assign(address(''));
  };
  button.addEventListener('click', () => confirm(deleteQuestion(session, onSuccess)));
  main.append(button);
}
