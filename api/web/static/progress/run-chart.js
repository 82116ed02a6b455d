// The runs of the current test as dots over time, as they end: each model in its colour, or each point of a model.

/** @import { Headline, Trace } from '../../types/charts.js' */
/** @import { ProgressMessage, TestMessage } from '../../types/messages.js' */

import { draw as drawChart } from '../charts/charts.js';
import { MAX_DOTS, groupSize, thinned } from '../charts/thinning.js';
import { find } from '../lib/dom.js';
import { pointText } from '../lib/formatting.js';
import { joinKnown } from '../lib/text.js';
import { plotlyTime } from '../lib/times.js';

const MIN_INTERVAL_MS = 400; // faster changes cannot be followed

/** @typedef {Trace & { model: string }} RunTrace */

export class RunChart {
  /** @type {Map<string, Map<string, RunTrace>>} Traces by test type and by name. */
  #tests = new Map();
  /** @type {ProgressMessage | null} */
  #latest = null;
  /** @type {number | undefined} */
  #timer;
  #drawnAt = -Infinity;
  #drawnState = '';
  #isInSight = true;
  #figure;
  #headlines;
  #plot;
  /** @type {Record<string, number>} By model, as api/web/pages/presentation/colours.py has them. */
  #series;
  #title;

  /**
   * @param {HTMLElement} figure
   * @param {Record<string, Headline>} headlines By test type.
   */
  constructor(figure, headlines) {
    this.#figure = figure;
    this.#headlines = headlines;
    this.#series = JSON.parse(figure.dataset.series ?? '{}');
    this.#plot = find('.plot', HTMLElement, figure);
    this.#title = find('figcaption', HTMLElement, figure);
    const observer = new IntersectionObserver(([{ isIntersecting }]) => {
      this.#isInSight = isIntersecting;
      if (isIntersecting && this.#latest) this.draw(this.#latest);
    });
    observer.observe(figure);
  }

  /**
   * Add the run that a message reports.
   * @param {TestMessage} message
   */
  add({ testType, modelName, point, repetition, at, metrics = {} }) {
    const value = metrics[this.#headlines[testType]?.name];
    if (typeof value !== 'number') return;
    const trace = this.#trace(testType, modelName, joinKnown(', ', modelName, pointText(point)));
    trace.x.push(plotlyTime(at));
    trace.y.push(value);
    trace.notes.push(`run ${repetition}`);
  }

  /**
   * Draw the runs of the message's test type, when the last drawing is long enough ago.
   * @param {ProgressMessage} message
   */
  draw(message) {
    this.#latest = message;
    clearTimeout(this.#timer);
    if (!this.#isInSight && !this.#figure.hidden) return;
    const wait = this.#drawnAt + MIN_INTERVAL_MS - performance.now();
    if (wait > 0) this.#timer = setTimeout(() => this.draw(message), wait);
    else if (message.testType !== '') this.#show(message.testType, message.modelName);
  }

  /**
   * @param {string} testType
   * @param {string} model
   * @param {string} name
   */
  #trace(testType, model, name) {
    const traces = this.#tests.get(testType) ?? new Map();
    this.#tests.set(testType, traces);
    /** @type {RunTrace} */
    const trace = traces.get(name) ?? { name, model, x: [], y: [], notes: [] };
    traces.set(name, trace);
    return trace;
  }

  /**
   * @param {string} testType
   * @param {string | null} model
   */
  #show(testType, model) {
    const traces = shownWith(model, [...(this.#tests.get(testType)?.values() ?? [])]);
    const state = `${testType} ${model} ${traces.map(({ x }) => x.length).join()}`;
    if (state === this.#drawnState) return;
    this.#drawnState = state;
    this.#drawnAt = performance.now();
    this.#figure.hidden = traces.length === 0;
    if (this.#figure.hidden) return;
    this.#title.textContent = titleOf(testType, traces);
    drawChart(this.#plot, { y: this.#headlines[testType], traces: this.#coloured(traces).map(thinned) });
  }

  /**
   * Return the traces in the colours of their models, unless several points of one model are shown.
   * @param {RunTrace[]} traces
   * @returns {RunTrace[]}
   */
  #coloured(traces) {
    if (new Set(traces.map(({ model }) => model)).size < traces.length) return traces;
    return traces.map((trace) => ({ ...trace, series: this.#series[trace.model] }));
  }
}

/**
 * @param {string} testType
 * @param {RunTrace[]} traces
 */
function titleOf(testType, traces) {
  const count = Math.max(...traces.map(({ x }) => x.length));
  return count > MAX_DOTS
    ? `Runs of ${testType}: the lowest and highest of every ${groupSize(count)}`
    : `Each run of ${testType}`;
}

/**
 * Return the traces of a model, and those of models that are measured in turn with it.
 * @param {string | null} model
 * @param {RunTrace[]} traces
 */
function shownWith(model, traces) {
  const start = Math.min(...traces.filter((trace) => trace.model === model).map((trace) => trace.x[0]));
  return traces.filter((trace) => trace.x[trace.x.length - 1] >= start);
}
