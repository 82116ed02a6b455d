// Stopping a session that runs, and deleting one that has ended; both ask first.

import { Refused, ask } from '../lib/api.js';
import { element, sentence } from '../lib/dom.js';

/** @param {HTMLButtonElement} button */
export function onCancel(button, session) {
  button.disabled = false;
  const isCancelling = () => button.getAttribute('aria-disabled') === 'true';
  button.addEventListener('click', () => isCancelling() || asked({
    title: 'Cancel this session?',
    text: 'The run that is under way is lost. What has been measured stays.',
    yes: 'Cancel session',
    no: 'Let it run',
    does: () => ask('POST', `/test-sessions/${session}/cancel`),
    then: () => { button.setAttribute('aria-disabled', 'true'); button.textContent = 'Cancelling…'; }, // disabled, it would lose the focus
  }));
}

/** Put a button at the page's end that deletes the session. */
export function deleteButton(main, session) {
  const button = element('button', 'Delete session');
  button.className = 'danger';
  button.addEventListener('click', () => asked({
    title: 'Delete this session?',
    text: 'Its results and readings are removed for good.',
    yes: 'Delete session',
    no: 'Keep it',
    does: () => ask('DELETE', `/test-sessions/${session}`),
    then: () => location.assign('/'),
  }));
  main.append(button);
}

/** Why the API did not do it, in words that say what to do. */
export function reason(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.status === 403) return 'Your key may read alone: ask whoever runs Gait for one that may change things.';
  if (error.status === 404) return 'This session is gone already: somebody has deleted it.';
  return sentence(error.message);
}

function asked({ title, text, yes, no, does, then }) {
  const dialog = element('dialog');
  const [heading, problem, buttons] = [element('h2', title), element('p'), element('div')];
  const [sure, not] = [element('button', yes), element('button', no)];
  heading.id = 'asked-title';
  dialog.setAttribute('aria-labelledby', heading.id);
  problem.className = 'problem';
  problem.setAttribute('role', 'alert');
  buttons.className = 'row';
  sure.className = 'danger';
  not.className = 'quiet';
  buttons.append(not, sure);
  dialog.append(heading, element('p', text), problem, buttons);
  not.onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  sure.onclick = async () => {
    sure.disabled = true;
    try {
      await does();
      dialog.close();
      then();
    } catch (error) {
      problem.textContent = reason(error);
      sure.disabled = false;
    }
  };
  document.body.append(dialog);
  dialog.showModal(); // the first button, which changes nothing, has the focus
}
