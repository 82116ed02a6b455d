// The list of sessions: those that run move, and a session that comes or ends has the list made anew.

import { listen } from './channel.js';
import { onceAFrame } from './frames.js';
import { asText } from './key.js';
import { localTimes } from './times.js';

export function start(main) {
  if (main.dataset.newest === undefined) return;
  const news = new Map(); // the last message of each session that has not been shown
  const show = onceAFrame(() => {
    for (const message of news.values()) move(main, message);
    news.clear();
  });
  listen('/ws/test-progress', (message) => {
    if (ends(message) || !lineOf(main, message)) renewSoon(main);
    news.set(message.sessionId, message);
    show();
  }, { after: Number(main.dataset.newest) });
}

const ends = (message) => message.session.status !== 'running';
const lineOf = (main, message) => main.querySelector(`[data-id="${message.sessionId}"]`);

function move(main, message) {
  const line = lineOf(main, message);
  if (!line || ends(message)) return;
  const state = line.querySelector('[data-part=state]');
  state.textContent = message.phase === 'queued' ? 'queued' : 'running';
  state.className = `badge ${state.textContent}`;
  line.querySelector('progress').value = message.session.progress;
  line.querySelector('[data-part=now]').textContent = message.modelName ? `${message.testType}, ${message.modelName}: ${message.phase}` : '';
}

let renewing = false;

/** Fetch the list anew, at most once at a time; what was chosen stays chosen. */
async function renewSoon(main) {
  if (renewing) return;
  renewing = true;
  try {
    const { status, text } = await asText(location.href);
    if (status === 200) replace(main, new DOMParser().parseFromString(text, 'text/html'));
  } finally {
    setTimeout(() => { renewing = false; }, 1000);
  }
}

function replace(main, page) {
  const list = page.getElementById('list');
  const chosen = [...main.querySelectorAll('[name=session]:checked')].map((box) => box.value);
  const focused = document.activeElement?.closest('.line')?.dataset.id;
  for (const box of list.querySelectorAll('[name=session]')) box.checked = chosen.includes(box.value);
  main.querySelector('#list').replaceWith(list);
  localTimes(list);
  if (focused) list.querySelector(`[data-id="${focused}"] a`)?.focus();
}
