// The progress of a running session, by its messages: what is measured now, the last run, and the tests as they end.

/** @import { Headline } from '../../types/charts.js' */
/** @import { ProgressMessage, TestMessage } from '../../types/messages.js' */

import { fetchPage } from '../lib/api.js';
import { find, findAll } from '../lib/dom.js';
import { pointText } from '../lib/formatting.js';
import { oncePerFrame } from '../lib/scheduling.js';
import { joinKnown } from '../lib/text.js';
import { subscribe } from '../live/channel.js';
import { showLastRun } from './last-run.js';
import { Log } from './log.js';
import { RunChart } from './run-chart.js';
import { showProgressInTitle } from './tab-title.js';
import { TestChips } from './test-chips.js';
import { TimeLeft } from './time-left.js';

const QUEUE_INTERVAL_MS = 10_000;
/** @type {Record<string, string>} */
const PHASES = {
  preparing: 'preparing',
  'warming-up': 'warming up',
  measuring: 'measuring',
  finished: 'finished',
  cancelled: 'cancelled',
};

/**
 * @typedef {object} ProgressListener
 * @property {() => void} onTestEnd Also called when the first test starts.
 * @property {() => void} onSessionEnd
 */

/** @param {ProgressMessage} message */
const isAboutTest = (message) => message.modelName !== '' && message.testType !== '';

export class SessionProgress {
  /** @type {ProgressMessage | null} */
  #latest = null;
  /** @type {TestMessage | null} */
  #lastRun = null;
  #isQueued;
  #endedTests;
  #listener;
  /** @type {Record<string, Headline>} */
  #headlines;
  #places;
  #chips;
  #log;
  #runs;
  #timeLeft = new TimeLeft();
  #paint = oncePerFrame(() => this.#draw());
  #unsubscribe;
  #queueTimer;

  /**
   * @param {HTMLElement} section
   * @param {string} session
   * @param {ProgressListener} listener
   */
  constructor(section, session, listener) {
    const card = find('#live-card', HTMLElement, section);
    this.#listener = listener;
    this.#headlines = JSON.parse(card.dataset.headlines ?? '{}');
    this.#endedTests = Number(card.dataset.ended);
    this.#isQueued = 'queued' in card.dataset;
    this.#places = placesIn(section);
    this.#chips = new TestChips(section, this.#headlines);
    this.#log = new Log(find('#log', HTMLElement, section), findAll('.tests', HTMLElement, section).length > 1);
    this.#runs = new RunChart(find('#runs-figure', HTMLElement, section), this.#headlines);
    /** @type {(message: ProgressMessage) => void} */
    const receive = (message) => this.#receive(message);
    this.#unsubscribe = subscribe('/ws/test-progress', receive, { parameters: { sessionId: session } });
    this.#queueTimer = setInterval(() => this.#updateQueue(), QUEUE_INTERVAL_MS);
  }

  /** Whether the session has not started, as far as its messages say. */
  get isQueued() {
    return this.#isQueued;
  }

  /** @param {ProgressMessage} message */
  #receive(message) {
    this.#latest = message;
    if (isAboutTest(message)) this.#receiveOfTest(message);
    showProgressInTitle(message);
    this.#paint();
    if (message.session.status !== 'running') this.#end();
    else if (this.#hasNews(message)) this.#listener.onTestEnd();
  }

  /** @param {TestMessage} message */
  #receiveOfTest(message) {
    this.#chips.add(message);
    this.#log.add(message);
    this.#timeLeft.add(message);
    if (message.type !== 'progress' || !message.metrics) return;
    this.#lastRun = message;
    this.#runs.add(message);
  }

  /**
   * Return whether the session has started, or a test has ended, since the message before.
   * @param {ProgressMessage} message
   */
  #hasNews(message) {
    const hasStarted = this.#isQueued && isAboutTest(message);
    if (!hasStarted && message.session.completedTests <= this.#endedTests) return false;
    this.#isQueued = false;
    this.#endedTests = message.session.completedTests;
    return true;
  }

  #draw() {
    if (!this.#latest) return;
    this.#chips.draw();
    showSession(this.#places, this.#latest);
    if (isAboutTest(this.#latest)) showTest(this.#places, this.#latest, this.#timeLeft.text());
    const run = this.#lastRun;
    if (run) showLastRun(this.#places.lastRun, run.metrics ?? {}, this.#headlines[run.testType]);
    this.#runs.draw(this.#latest);
    this.#log.draw();
  }

  #end() {
    this.#unsubscribe();
    clearInterval(this.#queueTimer);
    this.#listener.onSessionEnd();
  }

  #updateQueue() {
    if (this.#latest && this.#latest.phase !== 'queued') clearInterval(this.#queueTimer);
    else if (!document.hidden) showQueue(this.#places.step);
  }
}

/** @typedef {ReturnType<typeof placesIn>} Places */

/** @param {HTMLElement} section */
const placesIn = (section) => ({
  test: find('#current-test', HTMLElement, section),
  step: find('#current-step', HTMLElement, section),
  sessionBar: find('#session-progress', HTMLProgressElement, section),
  sessionText: find('#session-progress-text', HTMLElement, section),
  testBar: find('#test-progress', HTMLProgressElement, section),
  testText: find('#test-progress-text', HTMLElement, section),
  timeLeft: find('#time-left', HTMLElement, section),
  lastRun: find('#last-run', HTMLElement, section),
});

/**
 * @param {Places} places
 * @param {ProgressMessage} message
 */
function showSession({ sessionBar, sessionText }, { session }) {
  sessionBar.value = session.progress;
  const failed = session.failedTests ? `, ${session.failedTests} failed` : '';
  sessionText.textContent = `${session.completedTests} of ${session.totalTests} tests${failed}`;
}

/**
 * @param {Places} places
 * @param {TestMessage} message
 * @param {string} timeLeft
 */
function showTest(places, { modelName, testType, phase, point, repetition, progress }, timeLeft) {
  places.test.textContent = `${testType}, ${modelName}`;
  places.step.textContent = joinKnown(
    ' · ',
    PHASES[phase] ?? phase,
    pointText(point),
    repetition && `run ${repetition}`,
  );
  places.testBar.value = progress;
  places.testText.textContent = `${Math.round(progress)} %`;
  places.timeLeft.textContent = timeLeft;
}

/**
 * Show the place in the queue as the server states it now.
 * @param {HTMLElement} step
 */
async function showQueue(step) {
  const answer = await fetchPage().catch(() => null);
  const text = answer?.status === 200 ? answer.page.getElementById('current-step')?.textContent : null;
  if (text && step.isConnected) step.textContent = text.trim();
}
