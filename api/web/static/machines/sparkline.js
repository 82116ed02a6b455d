// A gauge: a name, the last value, and a small curve with a band from minimum to maximum.

/** @import { Sample } from './gauges.js' */
/** @import { Quantity } from './quantities.js' */

import { element, setText, svg } from '../lib/dom.js';
import { asText, quantity as quantityElement } from '../lib/formatting.js';

export const SPAN_MS = 60_000;
const [WIDTH, HEIGHT] = [120, 32];
const HEADROOM = 1.1;

class Sparkline {
  whole = element('div');
  #number = element('span');
  #term;

  /**
   * @param {string} name
   * @param {Element[]} paths
   */
  constructor(name, ...paths) {
    this.#term = element('dt', name);
    const value = element('dd');
    value.append(this.#number, chart(...paths));
    this.whole.append(this.#term, value);
  }

  /** @param {string} name */
  setName(name) {
    setText(this.#term, name);
  }

  /**
   * @param {number | null} value
   * @param {string} unit
   */
  setValue(value, unit) {
    this.#number.replaceChildren(quantityElement(value, unit));
  }
}

export class Gauge extends Sparkline {
  #band;
  #line;

  /** @param {Quantity} quantity */
  constructor({ name, startsRow }) {
    const [band, line] = [svg('path', { class: 'band' }), svg('path', { class: 'line' })];
    super(name, band, line);
    this.#band = band;
    this.#line = line;
    this.whole.classList.toggle('new-row', startsRow ?? false);
  }

  /**
   * @param {Quantity} quantity
   * @param {Sample[]} samples
   */
  show({ name, unit, largest, total }, samples) {
    const last = samples[samples.length - 1];
    const top = largest || Math.max(...samples.map(({ high }) => high)) * HEADROOM || 1;
    /** @type {(those: Sample[], part: 'value' | 'low' | 'high') => string} */
    const outline = (those, part) => those.map((sample) => `${xOf(sample, last)} ${yOf(sample[part], top)}`).join('L');
    this.setName(total ? `${name} of ${asText(total, unit)}` : name);
    this.setValue(last.value, unit);
    this.#line.setAttribute('d', `M${outline(samples, 'value')}`);
    this.#band.setAttribute('d', `M${outline(samples, 'high')}L${outline(samples.toReversed(), 'low')}Z`);
  }
}

export class CoresGauge extends Sparkline {
  #bars;

  /** @param {number} count */
  constructor(count) {
    const bars = svg('path', { class: 'bars' });
    super(`Busiest of ${count} threads`, bars);
    this.#bars = bars;
  }

  /** @param {(number | null)[]} percents */
  show(percents) {
    const known = percents.filter((percent) => percent !== null);
    this.setValue(known.length ? Math.max(...known) : null, '%');
    this.#bars.setAttribute('d', barsOf(percents));
  }
}

/** @param {Element[]} paths */
function chart(...paths) {
  const baseline = svg('path', { class: 'baseline', d: `M0 ${HEIGHT}H${WIDTH}` });
  const attributes = {
    class: 'spark',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  };
  return svg('svg', attributes, baseline, ...paths);
}

/**
 * @param {Sample} sample
 * @param {Sample} last
 */
const xOf = ({ at }, last) => (WIDTH * (1 - (last.at - at) / SPAN_MS)).toFixed(1);

/**
 * @param {number} value
 * @param {number} top
 */
const yOf = (value, top) => (HEIGHT * (1 - Math.min(value, top) / top)).toFixed(1);

/** @param {(number | null)[]} percents */
function barsOf(percents) {
  const step = WIDTH / percents.length;
  const width = Math.max(step * 0.7, 0.3).toFixed(2);
  const bars = percents.map((percent, core) => {
    const height = (((percent ?? 0) / 100) * HEIGHT).toFixed(1);
    return `M${(core * step).toFixed(2)} ${HEIGHT}v-${height}h${width}V${HEIGHT}z`;
  });
  return bars.filter((_, core) => percents[core] !== null).join('');
}
