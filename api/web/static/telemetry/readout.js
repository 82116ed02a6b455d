// The titles of the panels, and a crosshair through all of them that shows the values under the pointer.

/** @import { Channel, Telemetry } from '../../types/answers.js' */
/** @import { Figure, PlacedPanel } from './figure.js' */
/** @import { PanelLine } from './panels.js' */

import { DASH_ARRAYS, colourOf } from '../charts/series.js';
import { element, find, svg } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';
import { oncePerFrame } from '../lib/scheduling.js';
import { EDGES } from './figure.js';
import { maxima, means, minima } from './panels.js';

const WIDE_PX = 700; // minimum and maximum are shown above this width

/** @typedef {{ place: HTMLElement, channel: Channel }} Value Where the value of a channel is shown. */

export class Readout {
  /** @type {Telemetry | null} */
  #data = null;
  /** @type {[number, number]} */
  #span = [0, 0];
  /** @type {Value[]} */
  #values = [];
  /** @type {number | null} Pixels from the left edge of the frame; null while the pointer is elsewhere. */
  #pointer = null;
  #onMove;
  #plot;
  #titles;
  #line;

  /**
   * @param {HTMLElement} frame
   * @param {(at: number | null) => void} onMove Called with the time under the pointer in milliseconds, null outside.
   */
  constructor(frame, onMove) {
    this.#onMove = onMove;
    this.#plot = find('#telemetry-plot', HTMLElement, frame);
    this.#titles = find('#telemetry-titles', HTMLElement, frame);
    this.#line = find('#telemetry-crosshair', HTMLElement, frame);
    const paint = oncePerFrame(() => this.#draw());
    /** @type {(pointer: number | null) => void} */
    const point = (pointer) => {
      this.#pointer = pointer;
      if (this.#data) paint();
    };
    frame.addEventListener('pointermove', ({ clientX }) => point(clientX - frame.getBoundingClientRect().left));
    frame.addEventListener('pointerleave', () => point(null));
  }

  /**
   * Show the titles of a figure.
   * @param {Telemetry} data
   * @param {Figure} figure
   */
  show(data, { panels, span, layout }) {
    this.#data = data;
    this.#span = span;
    const titles = panels.map(makeTitle);
    this.#values = titles.flatMap(({ values }) => values);
    this.#titles.replaceChildren(...titles.map(({ title }) => title));
    const top = panels[0].titleTop;
    this.#line.style.top = `${top}px`;
    this.#line.style.height = `${layout.height - top - EDGES.bottom}px`;
    if (this.#pointer !== null) this.#draw();
  }

  #draw() {
    const at = this.#time();
    this.#line.hidden = at === null;
    if (at !== null) this.#line.style.transform = `translateX(${this.#pointer}px)`;
    const index = at === null || !this.#data ? -1 : indexAt(this.#data.at, at);
    const isWide = this.#plot.clientWidth > WIDE_PX;
    for (const { place, channel } of this.#values) {
      place.textContent = index < 0 ? '' : valueText(channel, index, isWide);
    }
    this.#onMove(at);
  }

  /** Return the time under the pointer; null beside the panels. */
  #time() {
    if (this.#pointer === null) return null;
    const share = (this.#pointer - EDGES.left) / (this.#plot.clientWidth - EDGES.left - EDGES.right);
    const [from, to] = this.#span;
    return share < 0 || share > 1 ? null : from + share * (to - from);
  }
}

/** @param {PlacedPanel} panel */
function makeTitle({ title, unit, lines, titleTop, titleRows }) {
  const whole = element('div', '', titleRows ? 'panel-title rows' : 'panel-title');
  whole.style.top = `${titleTop}px`;
  const items = lines.map(makeItem);
  whole.append(element('b', `${title} (${unit})`), ...items.map(({ item }) => item));
  return { title: whole, values: items.map(({ value }) => value) };
}

/** @param {PanelLine} line */
function makeItem({ name, channel, series, dash }) {
  const [item, place] = [element('span', '', 'line-name'), element('span', '', 'value')];
  item.append(swatch(series, dash), `${name} `, place);
  return { item, value: { place, channel } };
}

/**
 * @param {number} series
 * @param {string} dash
 */
const swatch = (series, dash) =>
  svg(
    'svg',
    { width: 18, height: 4, class: `series-${colourOf(series)}-line` },
    svg('path', { d: 'M0 2H18', 'stroke-dasharray': DASH_ARRAYS[dash] }),
  );

/**
 * Return the index of the last time that is not later; -1 if there is none.
 * @param {number[]} times
 * @param {number} at
 */
function indexAt(times, at) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Return a value, with the minimum and maximum of its bucket if there is room and they differ.
 * @param {Channel} channel
 * @param {number} index
 * @param {boolean} isWide
 */
function valueText(channel, index, isWide) {
  const [mean, low, high] = [means(channel), minima(channel), maxima(channel)].map((values) =>
    asText(values[index], channel.unit),
  );
  return isWide && low !== high ? `${mean} (${low} – ${high})` : mean;
}
