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
  const models = boxes(form, 'models').filter((box) => box.checked);
  const lacks = isOne(chosen) ? [] : machinesOf(form).map((host) => ({ host, names: absentOn(host, models) }));
  const wanting = lacks.filter(({ names }) => names.length > 0);
  const isWrong = chosen === 'all' ? wanting.length > 0 : wanting.length > 0 && wanting.length === lacks.length;
  for (const place of findAll('[data-lacks]', HTMLElement, form)) {
    const reasons = wanting.map(({ host, names }) => `${host} lacks ${names.join(', ')}`).join('; ');
    const opening = chosen === 'all' ? 'Not all machines have them' : 'No machine has them all';
    setText(place, isWrong && place.dataset.lacks === chosen ? `${opening}: ${reasons}.` : '');
  }
}

/** @param {HTMLFormElement} form */
const machinesOf = (form) => findAll('[data-host]', HTMLElement, form).map((place) => place.dataset.host ?? '');

/**
 * @param {string} host
 * @param {HTMLInputElement[]} models
 */
const absentOn = (host, models) =>
  models.filter((box) => !box.dataset.on?.split(' ').includes(host)).map((box) => box.value);
