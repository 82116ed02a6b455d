// The last lines of a session's log, as they are written.

/** @import { TestMessage } from '../../types/messages.js' */

import { element } from '../lib/dom.js';
import { clockTime } from '../lib/times.js';

const MAX_LINES = 300;
const NEAR_END_PX = 8;

export class Log {
  /** @type {HTMLElement[]} */
  #added = [];
  #isEmpty = true;
  #box;
  #nameModels;

  /**
   * @param {HTMLElement} box
   * @param {boolean} nameModels Whether each line names its model.
   */
  constructor(box, nameModels) {
    this.#box = box;
    this.#nameModels = nameModels;
  }

  /** @param {TestMessage} message */
  add({ at, modelName, testType, log, error }) {
    if (log === undefined && error === undefined) return;
    const source = this.#nameModels ? `${testType}, ${modelName}` : testType;
    const line = element('p');
    line.append(element('span', `${clockTime(at)} ${source} `, 'log-source'), log ?? `failed: ${error}`);
    this.#added.push(line);
    if (this.#added.length > MAX_LINES) this.#added.shift();
  }

  /** Show the lines that were added. The end stays in sight unless the reader has scrolled up. */
  draw() {
    if (this.#added.length === 0) return;
    const box = this.#box;
    const isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - NEAR_END_PX;
    if (this.#isEmpty) box.replaceChildren();
    this.#isEmpty = false;
    box.append(...this.#added);
    this.#added = [];
    while (box.childElementCount > MAX_LINES) box.firstElementChild?.remove();
    if (isAtEnd) box.scrollTop = box.scrollHeight;
  }
}
