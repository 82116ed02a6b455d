// The list of sessions: those that run move, and a session that comes or ends has the list made anew.

import { listen } from '../live/channel.js';
import { onceAFrame } from '../lib/scheduling.js';
import { askForPage } from '../lib/key.js';
import { watchReadiness } from '../live/readiness.js';
import { localTimes } from '../lib/times.js';

const LEAST_MS = 1000;

export function start(main) {
  if (main.dataset.newest === undefined) { watchReadiness(() => location.reload()); return; } // Redis was away
  const news = new Map(); // the last message of each session that has not been shown
  const unlisted = new Set(); // those that the list, asked anew, does not have: they are filtered out, or on another page
  const show = onceAFrame(() => {
    for (const message of news.values()) move(main, message);
    news.clear();
  });
  listen('/ws/test-progress', (message) => {
    const isNews = !lineOf(main, message) && !unlisted.has(message.sessionId);
    if (isNews) unlisted.add(message.sessionId);
    if (isNews || ends(message)) renewSoon(main);
    news.set(message.sessionId, message);
    show();
  }, { after: Number(main.dataset.newest) });
}

const ends = (message) => message.session.status !== 'running';
const lineOf = (main, message) => main.querySelector(`[data-id="${message.sessionId}"]`);

function move(main, message) {
  const line = lineOf(main, message);
  const progress = line?.querySelector('progress');
  if (!progress || ends(message)) return; // not on this page, or the page knows its end already
  const state = line.querySelector('[data-part=state]');
  state.textContent = message.phase === 'queued' ? 'queued' : 'running';
  state.className = `badge ${state.textContent}`;
  progress.value = message.session.progress;
  line.querySelector('[data-part=now]').textContent = message.modelName ? `${message.testType}, ${message.modelName}: ${message.phase}` : '';
}

let renewing = false;
let again = false;

/** Fetch the list anew, at most once a second; what comes meanwhile has it fetched once more. What was chosen stays chosen. */
async function renewSoon(main) {
  again = renewing;
  if (renewing) return;
  renewing = true;
  const answer = await askForPage().catch(() => null);
  if (answer === null) again = true;
  if (answer?.status === 200) replace(main, answer.page);
  setTimeout(() => { renewing = false; if (again) renewSoon(main); }, LEAST_MS);
}

function replace(main, page) {
  const list = page.getElementById('list');
  const chosen = [...main.querySelectorAll('[name=session]:checked')].map((box) => box.value);
  const focused = main.querySelector('#list').contains(document.activeElement) ? called(document.activeElement) : null;
  for (const box of list.querySelectorAll('[name=session]')) box.checked = chosen.includes(box.value);
  main.querySelector('#list').replaceWith(list);
  localTimes(list);
  if (focused) [...list.querySelectorAll('a, input, button')].find((one) => called(one) === focused)?.focus({ preventScroll: true });
}

/** What tells a control of the list from all others: whose line it stands in, and what it does. */
const called = (control) => [control.closest('.line')?.dataset.id, control.tagName, control.getAttribute('href') ?? control.name].join(' ');
