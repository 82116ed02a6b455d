// Links to downloads. A link cannot send the key, so a script fetches the file if there is a key.

import { download } from '../lib/api.js';
import { closest, element } from '../lib/dom.js';
import { storedKey } from '../lib/key.js';
import { errorText, sentence } from '../lib/text.js';

export const enableDownloadLinks = () => document.addEventListener('click', downloadOnClick);

/** @param {Event} event */
async function downloadOnClick(event) {
  const link = closest(event, 'a[download]', HTMLAnchorElement);
  if (!link || storedKey() === null) return;
  event.preventDefault();
  const problem = problemBeside(link);
  problem.textContent = '';
  try {
    await download(link.href, link.download);
  } catch (error) {
    problem.textContent = ` Not saved. ${sentence(errorText(error))}`;
  }
}

/** @param {HTMLAnchorElement} link */
function problemBeside(link) {
  const beside = link.nextElementSibling;
  if (beside?.matches('.download-problem')) return beside;
  const problem = Object.assign(element('span', '', 'problem download-problem'), { role: 'alert' });
  link.after(problem);
  return problem;
}
