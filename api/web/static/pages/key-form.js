// The form that asks for the key of a locked page, and puts the page in place of the form.

import { fetchPage } from '../lib/api.js';
import { find, mainElement } from '../lib/dom.js';
import { storeKey, storedKey } from '../lib/key.js';

const NOT_VALID = 'This key is not valid. Check it and try again.';
const NO_ANSWER = 'Gait did not answer. Check that it is running.';

/**
 * Call `onOpen` when the page is open: at once if it is not locked, else when a valid key was entered.
 * @param {() => void} onOpen
 */
export async function openPage(onOpen) {
  if (!isLocked()) return onOpen();
  if (storedKey() === null) return askForKey('', onOpen);
  const problem = await unlock();
  return problem ? askForKey(problem, onOpen) : onOpen();
}

const isLocked = () => 'locked' in mainElement().dataset;

/** Fetch the page with the key and show it. Return what is wrong if that fails. */
async function unlock() {
  const answer = await fetchPage().catch(() => null);
  if (answer === null) return NO_ANSWER;
  if (answer.status === 401) return NOT_VALID;
  document.title = answer.page.title;
  mainElement().replaceWith(find('#main', HTMLElement, answer.page));
  return '';
}

/**
 * @param {string} problem
 * @param {() => void} onOpen
 */
function askForKey(problem, onOpen) {
  const form = find('#key-form', HTMLFormElement);
  const input = find('#key', HTMLInputElement, form);
  form.hidden = false;
  input.ariaInvalid = String(problem === NOT_VALID);
  find('#key-error', HTMLElement, form).textContent = problem;
  input.focus();
  form.onsubmit = async (event) => {
    event.preventDefault();
    storeKey(input.value.trim());
    await openPage(onOpen);
    if (!isLocked()) mainElement().focus();
  };
}
