// The list of sessions: the progress of those that run, and a new list when a session is submitted or ends.

/** @import { ProgressMessage } from '../../types/messages.js' */

import { fetchPage } from '../lib/api.js';
import { find, findAll } from '../lib/dom.js';
import { oncePerFrame } from '../lib/scheduling.js';
import { showLocalTimes } from '../lib/times.js';
import { subscribe } from '../live/channel.js';
import { watchReadiness } from '../live/readiness.js';

const MIN_INTERVAL_MS = 1000;

/** @param {HTMLElement} main */
export function start(main) {
  const { newest } = main.dataset;
  if (newest !== undefined) new SessionList(main).follow(Number(newest));
  else watchReadiness(() => location.reload()); // Redis did not respond when the page was rendered
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
  }

  /** @param {ProgressMessage} message */
  #receive(message) {
    const id = message.sessionId;
    const isNew = !this.#line(id) && !this.#unlisted.has(id);
    if (isNew) this.#unlisted.add(id);
    if (isNew || hasEnded(message)) this.#refresh();
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
  }

  /** Fetch the list, at most once a second. Calls that come meanwhile share one more request. */
  async #refresh() {
    this.#isStale = true;
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    this.#isStale = false;
    const answer = await fetchPage({ part: 'list' }).catch(() => null);
    if (answer === null) this.#isStale = true;
    if (answer?.status === 200) replaceList(this.#main, answer.page);
    setTimeout(() => {
      this.#isRefreshing = false;
      if (this.#isStale) this.#refresh();
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
  find('[data-part=now]', HTMLElement, line).textContent = modelName ? `${testType}, ${modelName}: ${phase}` : '';
}

/**
 * Replace the list; the focus and the chosen sessions stay.
 * @param {HTMLElement} main
 * @param {Document} page
 */
function replaceList(main, page) {
  const [list, update] = [find('#list', HTMLElement, main), find('#list', HTMLElement, page)];
  const chosen = sessionBoxes(list).flatMap((box) => (box.checked ? [box.value] : []));
  for (const box of sessionBoxes(update)) box.checked = chosen.includes(box.value);
  const focused = document.activeElement;
  const name = focused && list.contains(focused) ? controlName(focused) : null;
  list.replaceWith(update);
  showLocalTimes(update);
  if (name === null) return;
  const same = findAll('a, input, button', HTMLElement, update).find((control) => controlName(control) === name);
  same?.focus({ preventScroll: true });
}

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
