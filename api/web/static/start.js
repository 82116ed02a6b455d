// The first script of every page: asks for a key where the page is locked, then starts what the page names.
// A page names its module in `<main data-module="session">`; the module exports `start(main)`.

import { askForPage, giveKey, givenKey } from './lib/key.js';
import { download } from './lib/api.js';
import { copyChosen } from './pages/copy-buttons.js';
import { element, sentence } from './lib/dom.js';
import { drawFigures } from './charts/charts.js';
import { localTimes } from './lib/times.js';
import './charts/printing.js';

async function startPage() {
  const main = document.getElementById('main');
  localTimes(main);
  drawFigures(main);
  if (main.dataset.module) (await import(`./pages/${main.dataset.module}.js`)).start(main);
}

/** Put the page, as it is for those who have a key, in place of this one. Whether that was allowed. */
async function unlock() {
  const { status, page } = await askForPage();
  if (status === 401) return false;
  document.title = page.title;
  document.getElementById('main').replaceWith(page.getElementById('main'));
  return true;
}

/** A link cannot send the key: where there is one, what it leads to is fetched with it and saved. */
async function saveWithKey(event) {
  const link = event.target.closest('a[download]');
  if (!link || givenKey() === null) return;
  event.preventDefault();
  const said = link.nextElementSibling?.matches('.refused') ? link.nextElementSibling : element('span', '', 'problem refused');
  said.role = 'alert';
  link.after(said);
  try {
    said.textContent = '';
    await download(link.getAttribute('href'), link.download);
  } catch (error) {
    said.textContent = ` Not saved. ${sentence(error.message)}`;
  }
}

function askForKey(main, rejected) {
  const form = main.querySelector('#key-form');
  const problem = main.querySelector('#key-error');
  form.hidden = false;
  form.key.setAttribute('aria-invalid', String(rejected));
  problem.textContent = rejected ? 'This key is not known here. Check it, and try again.' : '';
  form.key.focus();
  form.onsubmit = async (event) => {
    event.preventDefault();
    giveKey(form.key.value.trim());
    await openPage();
    const opened = document.getElementById('main');
    if (!('locked' in opened.dataset)) opened.focus();
  };
}

async function openPage() {
  const main = document.getElementById('main');
  if (!('locked' in main.dataset)) return startPage();
  if (givenKey() === null) return askForKey(main, false);
  try {
    if (await unlock()) return startPage();
    askForKey(main, true);
  } catch {
    askForKey(main, false);
    main.querySelector('#key-error').textContent = 'Gait does not answer. Is it running?';
  }
}

document.addEventListener('click', saveWithKey);
document.addEventListener('click', copyChosen);
openPage();
