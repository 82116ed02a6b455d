// The chart of the readings: plotly draws it, and the reader selects a part of it.

/** @import { PlotlyElement, PlotlyLibrary } from '../../types/plotly.js' */
/** @import { Figure } from './figure.js' */
/** @import { Range } from './range.js' */

import { CONFIG } from '../charts/layout.js';
import { plotly } from '../charts/plotly.js';
import { fromPlotlyTime, plotlyTime } from '../lib/times.js';

export class ReadingsChart {
  /** @type {PlotlyLibrary | null} Null before the first drawing. */
  #library = null;
  #isMoving = false;
  /** @type {PlotlyElement} */
  #plot;
  #onSelect;
  #start = 0;

  /**
   * @param {HTMLElement} plot
   * @param {(range: Range | null) => void} onSelect Called with the part that the reader selects; null for everything.
   */
  constructor(plot, onSelect) {
    this.#plot = plot;
    this.#onSelect = onSelect;
  }

  /** @param {Figure} figure */
  async draw({ traces, layout, span }) {
    this.#start = span[0];
    this.#plot.style.height = `${layout.height}px`;
    const library = await plotly();
    await library.react(this.#plot, traces, layout, { ...CONFIG, doubleClick: false });
    if (!this.#library) this.#listen();
    this.#library = library;
  }

  /**
   * Move the drawing to a range. This takes a third of the time of a new drawing.
   * @param {Range} range
   */
  move([from, to]) {
    if (!this.#library) return;
    this.#isMoving = true;
    this.#library.relayout(this.#plot, { 'xaxis.range': [plotlyTime(from), plotlyTime(to)] });
  }

  /** Listen to plotly's events, which the first drawing has made possible. */
  #listen() {
    this.#plot.on?.('plotly_relayout', (changes) => this.#relayouted(changes));
    this.#plot.on?.('plotly_doubleclick', () => this.#onSelect(null));
  }

  /** @param {Record<string, unknown>} changes */
  #relayouted(changes) {
    const [from, to] = [changes['xaxis.range[0]'], changes['xaxis.range[1]']];
    if (this.#isMoving) this.#isMoving = false;
    else if (from !== undefined) this.#onSelect([fromPlotlyTime(from, this.#start), fromPlotlyTime(to, this.#start)]);
  }
}
