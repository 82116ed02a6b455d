// Buttons that copy: `<button data-copy="curl">` copies the text of the element with the id `curl`.

import { closest } from '../lib/dom.js';

const FEEDBACK_MS = 2000;
/** @type {WeakMap<Element, string>} The texts of the buttons that show feedback. */
const labels = new WeakMap();

export const enableCopyButtons = () => document.addEventListener('click', copyOnClick);

/** @param {Event} event */
async function copyOnClick(event) {
  const button = closest(event, '[data-copy]', HTMLElement);
  const source = document.getElementById(button?.dataset.copy ?? '');
  if (!button || !source) return;
  const label = labels.get(button) ?? button.textContent;
  labels.set(button, label);
  button.textContent = await copy(source);
  setTimeout(() => {
    button.textContent = label;
  }, FEEDBACK_MS);
}

/** @param {HTMLElement} source */
async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return 'Copied';
  } catch {
    getSelection()?.selectAllChildren(source); // there is no clipboard without HTTPS
    return 'Selected: press Ctrl+C';
  }
}
