// The chips of a running session: the state of each test, and its headline metric when it has ended.

/** @import { Headline } from '../../types/charts.js' */
/** @import { TestMessage } from '../../types/messages.js' */

import { announce } from '../lib/announce.js';
import { find, findAll } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';

const CLASSES = { progress: 'running', complete: 'completed', error: 'error' };

export class TestChips {
  /** @type {Map<string, HTMLElement>} */
  #chips;
  /** @type {Map<string, TestMessage>} The last message of each test that has changed. */
  #changed = new Map();
  #headlines;

  /**
   * @param {HTMLElement} section
   * @param {Record<string, Headline>} headlines By test type.
   */
  constructor(section, headlines) {
    const chips = findAll('[data-test]', HTMLElement, section);
    this.#chips = new Map(chips.map((chip) => [JSON.stringify(JSON.parse(chip.dataset.test ?? '')), chip]));
    this.#headlines = headlines;
  }

  /** @param {TestMessage} message */
  add(message) {
    this.#changed.set(JSON.stringify([message.modelName, message.testType]), message);
  }

  draw() {
    for (const [test, message] of this.#changed) {
      const chip = this.#chips.get(test);
      if (chip) this.#show(chip, message);
    }
    this.#changed.clear();
  }

  /**
   * @param {HTMLElement} chip
   * @param {TestMessage} message
   */
  #show(chip, message) {
    const status = statusText(message, this.#headlines[message.testType]);
    chip.className = `chip ${CLASSES[message.type]}`;
    find('.chip-status', HTMLElement, chip).textContent = status;
    if (message.type !== 'progress') announce(`${message.testType} of ${message.modelName}: ${status}`);
  }
}

/**
 * @param {TestMessage} message
 * @param {Headline | undefined} headline
 */
function statusText({ type, phase, progress, metrics = {} }, headline) {
  if (type === 'progress') return `${Math.round(progress)} %`;
  if (type === 'error') return phase === 'cancelled' ? 'cancelled' : 'error';
  const value = headline && metrics[headline.name];
  return asText(typeof value === 'number' ? value : null, headline?.unit);
}
