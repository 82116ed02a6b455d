// What the chosen models cannot do: beside each chosen test type, the models that it would fail for.

import { find, findAll, setText } from '../lib/dom.js';
import { boxes } from './body.js';

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
