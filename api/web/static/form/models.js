// The models of a machine as choices, with their size, their quantisation, and whether they are loaded.

/** @import { Host, InstalledModel } from '../../types/answers.js' */

import { announce } from '../lib/announce.js';
import { asApiError, request } from '../lib/api.js';
import { element, find, findAll } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';
import { joinKnown, plural, sentence } from '../lib/text.js';
import { boxes, hostOf } from './body.js';
import { isOne, loadedOn, showWork, vramOf } from './machines.js';

const MAX_WITHOUT_SEARCH = 12; // as many fit a window
const NO_MODELS = 'This machine has no models yet. Fetch one there: ollama pull llama3.2:3b';

/**
 * Show the models of the chosen machine. The reader's choice stays.
 * @param {HTMLFormElement} form
 */
export async function showModels(form) {
  const list = find('#models', HTMLElement, form);
  const chosen = boxes(list, 'models').flatMap((box) =>
    box.checked && !('automatic' in box.dataset) ? [box.value] : [],
  );
  list.replaceChildren(...(await choices(form, chosen)));
  chooseOnlyModel(list);
  const count = findAll('.choice', HTMLElement, list).length;
  announce(count ? `${plural(count, 'model')} to choose from` : list.textContent);
  showSearch(form, list);
}

/**
 * Return the choices, or a message with a button that tries again.
 * @param {HTMLFormElement} form
 * @param {string[]} chosen
 */
async function choices(form, chosen) {
  try {
    const { models, hosts } = await fetchModels(hostOf(form));
    showWork(form, hosts);
    if (models.length === 0) return [element('p', NO_MODELS, 'soft'), retryButton(form)];
    const known = { loaded: loadedOn(form, hosts), vram: vramOf(form) };
    return models.map((model) => choice(model, known, chosen.includes(model.name)));
  } catch (error) {
    return [element('p', sentence(asApiError(error).message), 'problem'), retryButton(form)];
  }
}

/**
 * Return the installed models of a machine, or of all machines, and the state of all machines.
 * @param {string} host
 */
async function fetchModels(host) {
  const query = isOne(host) ? `?${new URLSearchParams({ host })}` : '';
  /** @type {[{ models: InstalledModel[] }, { hosts: Host[] }]} */
  const [{ models }, { hosts }] = await Promise.all([request('GET', `/models${query}`), request('GET', '/hosts')]);
  return { models, hosts };
}

/**
 * Check the box of a machine's only model. On another machine this does not count as the reader's choice.
 * @param {HTMLElement} list
 */
function chooseOnlyModel(list) {
  const [only, ...others] = boxes(list, 'models');
  if (!only || others.length > 0 || only.checked) return;
  only.checked = true;
  only.dataset.automatic = '';
}

/**
 * Return a button that requests the models again. The rest of the form stays, unlike after a reload of the page.
 * @param {HTMLFormElement} form
 */
function retryButton(form) {
  const button = element('button', 'Try again', 'secondary');
  button.type = 'button';
  button.onclick = async () => {
    button.disabled = true;
    await showModels(form);
    findAll('#models :is(input, button)', HTMLElement, form)[0]?.focus();
    form.dispatchEvent(new Event('input'));
  };
  return button;
}

/**
 * Show a search field above many models.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} list
 */
function showSearch(form, list) {
  const search = find('#find-model', HTMLInputElement, form);
  const row = search.closest('p');
  if (row) row.hidden = findAll('.choice', HTMLElement, list).length <= MAX_WITHOUT_SEARCH;
  search.oninput = (event) => {
    event.stopPropagation();
    filterChoices(list, search.value);
  };
  search.onkeydown = (event) => {
    if (event.key === 'Enter') event.preventDefault();
  };
  filterChoices(list, search.value);
}

/**
 * Show the choices that have all words, and those that are chosen.
 * @param {HTMLElement} list
 * @param {string} text
 */
function filterChoices(list, text) {
  const words = text.toLowerCase().split(/\s+/);
  for (const each of findAll('.choice', HTMLElement, list)) {
    const content = each.textContent.toLowerCase();
    each.hidden = !each.querySelector(':checked') && !words.every((word) => content.includes(word));
  }
}

/**
 * @param {number} size In bytes.
 * @param {number} vram
 */
const fitOf = (size, vram) => (size < vram ? 'fits in VRAM' : 'larger than the VRAM');

/**
 * @param {InstalledModel} model
 * @param {{ loaded: Set<string>, vram: number | null }} known
 * @param {boolean} checked
 */
function choice({ name, size, tags, capabilities }, { loaded, vram }, checked) {
  const [whole, label, box] = [element('div', '', 'choice'), element('label'), element('input')];
  Object.assign(box, { type: 'checkbox', name: 'models', value: name, checked });
  box.dataset.capabilities = (capabilities ?? []).join(' ');
  label.append(box, ` ${name} `);
  if (loaded.has(name)) label.append(element('span', 'loaded', 'badge'));
  const facts = joinKnown(
    ' · ',
    asText(size, 'file bytes'),
    ...tags.slice(1),
    size && vram ? fitOf(size, vram) : false,
  );
  whole.append(label, element('p', facts, 'hint'));
  return whole;
}
