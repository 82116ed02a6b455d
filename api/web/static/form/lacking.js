// What the choice lacks: beside each chosen test type the models that it would fail for, and beside "any" and "all"
// the models that machines do not have.

import { find, findAll, setText } from '../lib/dom.js';
import { boxes, hostOf } from './body.js';
import { isOne } from './machines.js';

/** @type {Record<string, string>} */
const WORDS = { completion: 'writes no text', embedding: 'makes no embeddings', thinking: 'does not think' };

/**
 * Show which of the chosen models lack what a chosen test type needs. Old servers list no capabilities.
 * @param {HTMLFormElement} form
 */
export function showLacking(form) {
  const models = boxes(form, 'models').filter((box) => box.checked && box.dataset.capabilities);
  for (const type of findAll('[data-needs]', HTMLElement, form)) {
    const needs = type.dataset.needs ?? '';
    const isChosen = boxes(type, 'testTypes').some((box) => box.checked);
    const lacking = models.filter((box) => isChosen && !box.dataset.capabilities?.split(' ').includes(needs));
    const names = lacking.map((box) => box.value).join(', ');
    setText(find('[data-lacking]', HTMLElement, type), names && `Will fail: ${names} ${WORDS[needs] ?? needs}.`);
  }
}

/**
 * Show why the session cannot run on any machine, or not on all of them, if one of these is chosen.
 * @param {HTMLFormElement} form
 */
export function showLackingMachines(form) {
  const chosen = hostOf(form);
  if (find('#models', HTMLElement, form).dataset.of !== chosen) return; // they are still loading
  const models = boxes(form, 'models').filter((box) => box.checked);
  const lacks = isOne(chosen) ? [] : machinesOf(form).map((host) => ({ host, names: absentOn(host, models) }));
  const problem = problemOf(chosen, lacks);
  for (const place of findAll('[data-lacks]', HTMLElement, form)) {
    setText(place, place.dataset.lacks === chosen ? problem : '');
  }
}

/**
 * Return why the choice of any or all machines cannot run; an empty text if it can.
 * @param {string} chosen
 * @param {{ host: string, names: string[] }[]} lacks
 */
function problemOf(chosen, lacks) {
  const wanting = lacks.filter(({ names }) => names.length > 0);
  const allowed = chosen === 'all' ? 0 : lacks.length - 1;
  if (wanting.length <= allowed || wanting.length === 0) return '';
  const opening = chosen === 'all' ? 'Not all machines have them' : 'No machine has them all';
  return `${opening}: ${wanting.map(({ host, names }) => `${host} lacks ${names.join(', ')}`).join('; ')}.`;
}

/** @param {HTMLFormElement} form */
const machinesOf = (form) => findAll('[data-host]', HTMLElement, form).map((place) => place.dataset.host ?? '');

/**
 * @param {string} host
 * @param {HTMLInputElement[]} models
 */
const absentOn = (host, models) =>
  models.filter((box) => !box.dataset.on?.split(' ').includes(host)).map((box) => box.value);
