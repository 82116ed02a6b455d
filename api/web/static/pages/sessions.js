// The list of sessions: the progress of those that run, and a new list when a session is submitted or ends.

/** @import { ProgressMessage } from '../../types/messages.js' */

import { fetchPage } from '../lib/api.js';
import { problemOf } from '../lib/dialog.js';
import { closest, find, findAll } from '../lib/dom.js';
import { takeMessage } from '../lib/message.js';
import { oncePerFrame } from '../lib/scheduling.js';
import { showLocalTimes } from '../lib/times.js';
import { subscribe } from '../live/channel.js';
import { watchReadiness } from '../live/readiness.js';
import { showPercentInTitle } from '../progress/tab-title.js';
import { openEditor } from './session-edit.js';

const MIN_INTERVAL_MS = 1000;

const STRIP_INTERVAL_MS = 15_000;

/** @param {HTMLElement} main */
export function start(main) {
  const { newest } = main.dataset;
  const list = new SessionList(main);
  showMessage(takeMessage());
  main.addEventListener('click', (event) => {
    const id = closest(event, '[data-edit]', HTMLElement)?.dataset.edit;
    if (id) edit(id, list);
  });
  if (newest !== undefined) list.follow(Number(newest));
  else watchReadiness(() => location.reload()); // Redis did not respond when the page was rendered
}

/**
 * Let the reader change a session, and show the list as it is then.
 * @param {string} id
 * @param {SessionList} list
 */
async function edit(id, list) {
  const onChange = (/** @type {string} */ done) => {
    showMessage(done);
    list.refresh();
  };
  showMessage(await problemOf(() => openEditor(id, onChange)));
}

/**
 * Show what was done, or why it failed; nothing if there is nothing to say.
 * @param {string | null} text
 */
function showMessage(text) {
  const place = find('#list-message', HTMLElement);
  place.hidden = !text;
  place.textContent = text;
}

class SessionList {
  /** @type {Map<string, ProgressMessage>} The last message of each session that is not shown yet. */
  #news = new Map();
  /** @type {Set<string>} Sessions that the list leaves out: they are filtered out or on another page. */
  #unlisted = new Set();
  #isRefreshing = false;
  #isStale = false;
  #main;
  #paint = oncePerFrame(() => this.#draw());

  /** @param {HTMLElement} main */
  constructor(main) {
    this.#main = main;
  }

  /** @param {number} after The `seq` of the last message that the page contains. */
  follow(after) {
    /** @type {(message: ProgressMessage) => void} */
    const receive = (message) => this.#receive(message);
    subscribe('/ws/test-progress', receive, { after });
    this.#showTitle();
    setInterval(() => {
      if (!document.hidden && this.#main.querySelector('#strip')) this.refresh();
    }, STRIP_INTERVAL_MS);
  }

  /** @param {ProgressMessage} message */
  #receive(message) {
    const id = message.sessionId;
    const isNew = !this.#line(id) && !this.#unlisted.has(id);
    if (isNew) this.#unlisted.add(id);
    if (isNew || hasEnded(message)) this.refresh();
    this.#news.set(id, message);
    this.#paint();
  }

  /** @param {string} id */
  #line(id) {
    return this.#main.querySelector(`[data-id="${id}"]`);
  }

  #draw() {
    for (const message of this.#news.values()) {
      const line = this.#line(message.sessionId);
      if (line && !hasEnded(message)) showProgress(line, message);
    }
    this.#news.clear();
    this.#showTitle();
  }

  /** Show the progress of the first session that runs in the title. */
  #showTitle() {
    const [bar] = findAll('.state progress:not([hidden])', HTMLProgressElement, this.#main);
    showPercentInTitle(bar ? bar.value : null);
  }

  /** Fetch the list, at most once a second. Calls that come meanwhile share one more request. */
  async refresh() {
    this.#isStale = true;
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    this.#isStale = false;
    const answer = await fetchPage({ part: 'list' }).catch(() => null);
    if (answer === null) this.#isStale = true;
    if (answer?.status === 200) {
      replaceStrip(this.#main, answer.page);
      replaceList(this.#main, answer.page);
      this.#showTitle();
    }
    setTimeout(() => {
      this.#isRefreshing = false;
      if (this.#isStale) this.refresh();
    }, MIN_INTERVAL_MS);
  }
}

/** @param {ProgressMessage} message */
const hasEnded = ({ session }) => session.status !== 'running';

/**
 * @param {Element} line
 * @param {ProgressMessage} message
 */
function showProgress(line, { phase, session, modelName, testType }) {
  const [bar] = findAll('progress', HTMLProgressElement, line);
  if (!bar) return; // the session has ended
  const state = find('[data-part=state]', HTMLElement, line);
  state.textContent = phase === 'queued' ? 'queued' : 'running';
  state.className = `badge ${state.textContent}`;
  bar.value = session.progress;
  bar.hidden = phase === 'queued';
  find('[data-part=now]', HTMLElement, line).textContent = modelName ? `${testType}, ${modelName}: ${phase}` : '';
}

/**
 * Replace the strip of the machines, unless the reader is at it.
 * @param {HTMLElement} main
 * @param {Document} page
 */
function replaceStrip(main, page) {
  const [[strip], [update]] = [findAll('#strip', HTMLElement, main), findAll('#strip', HTMLElement, page)];
  if (!strip || !update || strip.contains(document.activeElement)) return;
  strip.replaceWith(update);
  showLocalTimes(update);
}

/**
 * Replace the list; the focus, the chosen sessions and what is open stay.
 * @param {HTMLElement} main
 * @param {Document} page
 */
function replaceList(main, page) {
  const [list, update] = [find('#list', HTMLElement, main), find('#list', HTMLElement, page)];
  const chosen = sessionBoxes(list).flatMap((box) => (box.checked ? [box.value] : []));
  for (const box of sessionBoxes(update)) box.checked = chosen.includes(box.value);
  const opened = seriesIn(list).flatMap((series) => (series.open ? [series.dataset.series] : []));
  for (const series of seriesIn(update)) series.open = opened.includes(series.dataset.series);
  const focused = document.activeElement;
  const name = focused && list.contains(focused) ? controlName(focused) : null;
  list.replaceWith(update);
  showLocalTimes(update);
  if (name === null) return;
  const same = findAll('a, input, button, summary', HTMLElement, update).find(
    (control) => controlName(control) === name,
  );
  same?.focus({ preventScroll: true });
}

/** @param {ParentNode} list */
const seriesIn = (list) => findAll('[data-series]', HTMLDetailsElement, list);

/** @param {ParentNode} list */
const sessionBoxes = (list) => findAll('[name=session]', HTMLInputElement, list);

/**
 * Return a name for a control of the list: its session and its purpose.
 * @param {Element} control
 */
function controlName(control) {
  const line = control.closest('.line');
  const id = line instanceof HTMLElement ? line.dataset.id : '';
  return [id, control.tagName, control.getAttribute('href') ?? control.getAttribute('name')].join(' ');
}
