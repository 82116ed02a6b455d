// The readings of a session: a part of them or all, from the API, and each new reading while the session runs.

/** @import { Telemetry } from '../../types/answers.js' */
/** @import { Reading } from '../../types/messages.js' */
/** @import { Range } from './range.js' */

import { asApiError, request } from '../lib/api.js';
import { sentence } from '../lib/text.js';
import { subscribe } from '../live/channel.js';
import { appended } from './append.js';
import { panelsOf } from './panels.js';
import { within } from './range.js';

const MAX_VALUES = 8000; // in all lines: what plotly draws in a frame or two
const VALUES_PER_POINT = 3; // of a line: minimum, mean and maximum
const MIN_POINTS = 100;
const COLUMNS = { min: 200, max: 600, perPixel: 0.5 };
const LIVE_HZ = { min: 0.2, max: 0.5 };
const REFRESH_MS = 20_000; // phases come only with an answer of the API
const GAP_MS = 8000; // readings after a longer gap were missed, and are requested
const GAP_RETRY_MS = 2500;
const EMPTY_RETRY_MS = 10_000;

/**
 * @typedef {object} SourceListener
 * @property {() => number} width The width of the chart in pixels.
 * @property {() => void} onChange
 * @property {(text: string) => void} onMessage
 */

export class ReadingsSource {
  /** @type {Telemetry | null} */
  data = null;
  /** @type {Range | null} The part that is shown; null for the whole session. */
  range = null;
  isRunning;
  #session;
  #listener;
  /** @type {Range} */
  #whole = [0, 0];
  /** @type {number | null} */
  #maxPoints = null;
  #requests = 0;
  #requestedAt = 0;
  /** @type {Promise<void> | null} */
  #latest = null;
  /** @type {(() => void) | null} */
  #unsubscribe = null;

  /**
   * @param {string} session
   * @param {boolean} isRunning
   * @param {SourceListener} listener
   */
  constructor(session, isRunning, listener) {
    this.#session = session;
    this.isRunning = isRunning;
    this.#listener = listener;
  }

  get hasStarted() {
    return this.#requests > 0;
  }

  /** Request the readings. The promise resolves when the latest request has been answered. */
  load() {
    this.#latest = this.#request();
    return this.#latest;
  }

  /**
   * Show a part of the session; null for all of it.
   * @param {Range | null} range
   */
  show(range) {
    this.range = range && within(range, this.#whole);
    this.load();
  }

  /** Return the part that is shown, in milliseconds since 1970. */
  span() {
    return this.range ?? this.#whole;
  }

  /** End the subscription and request everything once more. */
  finish() {
    this.isRunning = false;
    this.#unsubscribe?.();
    if (this.hasStarted) this.load();
  }

  async #request() {
    const number = (this.#requests += 1);
    this.#requestedAt = Date.now();
    try {
      const data = await request('GET', `/test-sessions/${this.#session}/telemetry?${this.#query()}`);
      await (number === this.#requests ? this.#accept(data) : this.#latest);
    } catch (error) {
      this.#listener.onMessage(`The readings could not be loaded. ${sentence(asApiError(error).message)}`);
    }
  }

  #query() {
    const columns = Math.min(COLUMNS.max, Math.max(COLUMNS.min, Math.round(this.#listener.width() * COLUMNS.perPixel)));
    const query = new URLSearchParams({ points: String(this.#maxPoints ?? columns), phases: String(columns) });
    if (this.range) {
      query.set('from', new Date(this.range[0]).toISOString());
      query.set('to', new Date(this.range[1]).toISOString());
    }
    return query;
  }

  /** @param {Telemetry} data */
  #accept(data) {
    if (this.#hasTooManyValues(data)) return this.load();
    if (this.range && data.at.length === 0) {
      this.#listener.onMessage('There are no readings in this part.');
    } else {
      this.#set(data);
      if (this.isRunning && !this.#unsubscribe) this.#follow(data);
    }
    return Promise.resolve();
  }

  /** @param {Telemetry} data */
  #set(data) {
    this.data = data;
    if (!this.range) this.#whole = spanOf(data);
    this.#listener.onChange();
  }

  /**
   * Return whether many channels make the answer too large to draw quickly. The next one has fewer, longer buckets.
   * @param {Telemetry} data
   */
  #hasTooManyValues(data) {
    const lines = panelsOf(data).reduce((sum, panel) => sum + panel.lines.length, 0);
    const maxPoints = Math.max(MIN_POINTS, Math.floor(MAX_VALUES / (VALUES_PER_POINT * Math.max(lines, 1))));
    if (this.#maxPoints !== null || data.at.length <= maxPoints) return false;
    this.#maxPoints = maxPoints;
    return true;
  }

  /**
   * Subscribe to about one reading per bucket: each one draws the whole chart.
   * @param {Telemetry} data
   */
  #follow({ host, bucket }) {
    const hz = Math.max(LIVE_HZ.min, Math.min(LIVE_HZ.max, 1000 / (bucket ?? 1))).toFixed(2);
    /** @type {(reading: Reading) => void} */
    const receive = (reading) => this.#receive(reading);
    this.#unsubscribe = subscribe('/ws/hardware', receive, { replay: false, parameters: { host, hz } });
  }

  /**
   * Append a reading, unless a part is shown. After a gap, and from time to time, everything is requested again.
   * @param {Reading} reading
   */
  #receive(reading) {
    if (!this.isRunning || this.range || !this.data) return;
    const at = Date.parse(reading.at);
    const { hasGap, reloadAfter } = continuity(this.data, at);
    if (Date.now() - this.#requestedAt > reloadAfter) {
      this.load();
    } else if (!hasGap) {
      this.#set(appended(this.data, reading, at));
    }
  }
}

/**
 * @param {Telemetry} data
 * @returns {Range}
 */
const spanOf = ({ at, bucket }) => [at.at(0) ?? 0, (at.at(-1) ?? 0) + (bucket ?? 0)];

/**
 * Return whether readings are missing before a time, and after how many milliseconds to request them again.
 * @param {Telemetry} data
 * @param {number} at
 */
function continuity(data, at) {
  const [last, bucket] = [data.at.at(-1), data.bucket ?? 0];
  if (last === undefined) return { hasGap: true, reloadAfter: EMPTY_RETRY_MS };
  if (at - last > Math.max(GAP_MS, 3 * bucket)) return { hasGap: true, reloadAfter: GAP_RETRY_MS };
  return { hasGap: false, reloadAfter: Math.max(REFRESH_MS, bucket) };
}
