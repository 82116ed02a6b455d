// The models of a machine as choices, with their size, their quantisation, and whether they are loaded.

/** @import { Installed } from './installed.js' */

import { announce } from '../lib/announce.js';
import { asApiError } from '../lib/api.js';
import { element, find, findAll } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';
import { joinKnown, plural, sentence } from '../lib/text.js';
import { daysAgo } from '../lib/times.js';
import { boxes, hostOf } from './body.js';
import { fetchModels } from './installed.js';
import { isOne, loadedOn, showWork, vramOf } from './machines.js';

const MAX_WITHOUT_SEARCH = 12; // as many fit a window
const ROOMY = 0.9; // a context needs some of the memory
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
  const host = hostOf(form);
  list.replaceChildren(...(await choices(form, chosen)));
  list.dataset.of = host;
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
    const host = hostOf(form);
    const { models, hosts } = await fetchModels(host);
    showWork(form, hosts);
    if (models.length === 0) return [element('p', NO_MODELS, 'soft'), retryButton(form)];
    const known = { loaded: loadedOn(form, hosts), vram: vramOf(form), hosts: isOne(host) || !host ? 1 : hosts.length };
    return models.map((model) => choice(model, known, chosen.includes(model.name)));
  } catch (error) {
    return [element('p', sentence(asApiError(error).message), 'problem'), retryButton(form)];
  }
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
function fitOf(size, vram) {
  if (size >= vram) return 'larger than the VRAM';
  return size < ROOMY * vram ? 'fits in VRAM' : 'fits in VRAM, with little room for a context';
}

/**
 * @param {Installed} model
 * @param {{ loaded: Set<string>, vram: number | null, hosts: number }} known
 * @param {boolean} checked
 */
function choice(model, known, checked) {
  const [whole, label, box] = [element('div', '', 'choice'), element('label'), element('input')];
  Object.assign(box, { type: 'checkbox', name: 'models', value: model.name, checked });
  box.dataset.capabilities = (model.capabilities ?? []).join(' ');
  box.dataset.on = model.on.join(' ');
  label.append(box, ` ${model.name} `);
  if (known.loaded.has(model.name)) label.append(element('span', 'loaded', 'badge'));
  whole.append(label, element('p', factsOf(model, known), 'hint'));
  return whole;
}

/**
 * Return the size, what the model is, whether it fits, which machines have it if not all do, and its last measurement.
 * @param {Installed} model
 * @param {{ vram: number | null, hosts: number }} known
 */
function factsOf({ size, tags, capabilities, on, lastMeasured }, { vram, hosts }) {
  const facts = [
    asText(size, 'file bytes'),
    ...tags.slice(1).filter((tag) => tag !== 'completion'),
    size && vram ? fitOf(size, vram) : '',
    on.length < hosts ? `on ${on.join(', ')} only` : '',
    capabilities?.length && !capabilities.includes('completion') ? 'writes no text' : '',
    lastMeasured ? `measured ${daysAgo(lastMeasured)}` : 'never measured',
  ];
  return joinKnown(' · ', ...facts);
}
