// The section with the readings of the machine during a session: one chart of several panels, and what ran when.

/** @import { Range } from './range.js' */

import { onPrint } from '../charts/printing.js';
import { closest, find } from '../lib/dom.js';
import { oncePerFrame } from '../lib/scheduling.js';
import { errorText } from '../lib/text.js';
import { clockTime } from '../lib/times.js';
import { captionOf } from './caption.js';
import { ReadingsChart } from './chart.js';
import { figureOf } from './figure.js';
import { summaryRows } from './panels.js';
import { activityAt, phaseLegend } from './phases.js';
import { moved } from './range.js';
import { Readout } from './readout.js';
import { ReadingsSource } from './source.js';

const NEAR = '400px'; // how far from the window the section is loaded

export class TelemetrySection {
  #isNear = false;
  #places;
  #source;
  #chart;
  #readout;
  #paint = oncePerFrame(() => this.#draw());
  #move = oncePerFrame(() => this.#chart.move(this.#source.span()));

  /**
   * @param {HTMLElement} section
   * @param {string} session
   * @param {boolean} isRunning
   */
  constructor(section, session, isRunning) {
    this.#places = placesIn(section);
    const { plot, frame } = this.#places;
    this.#source = new ReadingsSource(session, isRunning, {
      width: () => plot.clientWidth,
      onChange: () => this.#changed(),
      onMessage: (text) => this.#say(text),
    });
    this.#chart = new ReadingsChart(plot, (range) => (range ? this.#source.show(range) : this.#zoom(null)));
    this.#readout = new Readout(frame, (at) => this.#say(at === null ? this.#caption() : this.#captionAt(at)));
    this.#places.tools.addEventListener('click', (event) => this.#clicked(event));
    window.addEventListener('resize', this.#paint);
    onPrint((includeUnfetched) => this.#drawForPrint(includeUnfetched));
    this.#observe(section);
  }

  /** Request the readings again, as after a test, unless the reader looks at a part of them. */
  refresh() {
    if (this.#source.hasStarted && !this.#source.range) this.#source.load();
  }

  /** Show the readings as they are when the session has ended. */
  finish() {
    this.#source.finish();
  }

  /** @param {Element} section */
  #observe(section) {
    const observer = new IntersectionObserver(
      ([{ isIntersecting }]) => {
        this.#isNear = isIntersecting;
        if (isIntersecting && !this.#source.hasStarted) this.#source.load();
        else if (isIntersecting) this.#paint();
      },
      { rootMargin: NEAR },
    );
    observer.observe(section);
  }

  #changed() {
    this.#say(this.#caption());
    this.#paint();
  }

  /** @param {string} text */
  #say(text) {
    this.#places.caption.textContent = text;
  }

  #caption() {
    return this.#source.data ? captionOf(this.#source.data, this.#source.isRunning) : '';
  }

  /** @param {number} at */
  #captionAt(at) {
    return this.#source.data ? [clockTime(at), ...activityAt(this.#source.data, at)].join(' · ') : '';
  }

  async #draw() {
    const { data, range } = this.#source;
    if (!data || !this.#isNear) return;
    const { plot, tools, table, rows, phases } = this.#places;
    const figure = figureOf(data, range, plot.clientWidth);
    for (const place of [plot, tools, table]) place.hidden = figure === null;
    if (figure === null) return;
    rows.replaceChildren(...summaryRows(data));
    phases.replaceChildren(...phaseLegend(data.phases));
    this.#readout.show(data, figure);
    try {
      await this.#chart.draw(figure);
    } catch (error) {
      this.#say(`The chart cannot be drawn: ${errorText(error)}.`);
    }
  }

  /** @param {boolean} includeUnfetched */
  async #drawForPrint(includeUnfetched) {
    if (!this.#source.data && !includeUnfetched) return;
    if (!this.#source.data) await this.#source.load();
    this.#isNear = true;
    await this.#draw();
  }

  /** @param {Event} event */
  #clicked(event) {
    const button = closest(event, '[data-zoom]', HTMLElement)?.dataset.zoom;
    if (button) this.#zoom(moved(button, this.#source.span()));
  }

  /**
   * Show a part: the present readings at once, more detailed ones when they have come.
   * @param {Range | null} range
   */
  #zoom(range) {
    this.#source.show(range);
    this.#move();
  }
}

/** @param {HTMLElement} section */
function placesIn(section) {
  const table = find('#telemetry-table', HTMLElement, section);
  return {
    table,
    rows: find('tbody', HTMLElement, table),
    caption: find('#telemetry-caption', HTMLElement, section),
    frame: find('#telemetry-frame', HTMLElement, section),
    phases: find('#telemetry-phases', HTMLElement, section),
    plot: find('#telemetry-plot', HTMLElement, section),
    tools: find('#telemetry-tools', HTMLElement, section),
  };
}
