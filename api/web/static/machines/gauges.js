// The readings of a machine over the last minute: each quantity as a number and a small curve.

/** @import { Reading } from '../../types/messages.js' */
/** @import { Quantity } from './quantities.js' */

import { quantitiesOf } from './quantities.js';
import { CoresGauge, Gauge, SPAN_MS } from './sparkline.js';

const CORES = 'cores';

/** @typedef {{ at: number, value: number, low: number, high: number }} Sample */
/** @typedef {{ quantity: Quantity, samples: Sample[] }} History */

export class Gauges {
  /** @type {Map<string, History>} By the name of the quantity. */
  #histories = new Map();
  /** @type {(number | null)[] | null} */
  #cores = null;
  /** @type {Map<string, Gauge>} */
  #gauges = new Map();
  /** @type {CoresGauge | null} */
  #coresGauge = null;
  #shownNames = '';
  #list;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  /**
   * Add a reading, which the next drawing shows.
   * @param {Reading} reading
   */
  add(reading) {
    const at = Date.parse(reading.at);
    for (const quantity of quantitiesOf(reading)) {
      const value = quantity.valueIn(reading);
      if (typeof value !== 'number') continue;
      const [low, high] = [quantity.valueIn(reading.min) ?? value, quantity.valueIn(reading.max) ?? value];
      this.#addSample(quantity, { at, value, low, high });
    }
    this.#cores = reading.cpu?.perCore ?? null;
  }

  /**
   * @param {Quantity} quantity
   * @param {Sample} sample
   */
  #addSample(quantity, sample) {
    const samples = this.#histories.get(quantity.name)?.samples ?? [];
    samples.push(sample);
    while (samples[0].at < sample.at - SPAN_MS) samples.shift();
    this.#histories.set(quantity.name, { quantity, samples });
  }

  draw() {
    const names = [...this.#histories.keys(), ...(this.#cores ? [CORES] : [])].join();
    if (names !== this.#shownNames) this.#build();
    this.#shownNames = names;
    for (const [name, { quantity, samples }] of this.#histories) this.#gauges.get(name)?.show(quantity, samples);
    if (this.#cores) this.#coresGauge?.show(this.#cores);
  }

  #build() {
    const histories = [...this.#histories.values()];
    this.#gauges = new Map(histories.map(({ quantity }) => [quantity.name, new Gauge(quantity)]));
    this.#coresGauge = this.#cores && new CoresGauge(this.#cores.length);
    this.#coresGauge?.whole.classList.toggle(
      'new-row',
      histories.some(({ quantity }) => quantity.startsRow),
    );
    const gauges = [...this.#gauges.values(), ...(this.#coresGauge ? [this.#coresGauge] : [])];
    this.#list.replaceChildren(...gauges.map(({ whole }) => whole));
  }
}
