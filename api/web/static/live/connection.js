// The line above a page that says why it is not updated: no connection, a service that is down, or a rejected key.

/** @import { Reason } from './blocked.js' */

import { element, find } from '../lib/dom.js';
import { authHeaders } from '../lib/key.js';

/** @type {Map<string, { replay: boolean, reason: Reason | null }>} Channels without connection by path. */
const lost = new Map();
/** @type {string[]} */
let problems = [];
let isKeyOffered = false; // the line stays until the page is loaded with another key

/** @param {string} path */
export function connected(path) {
  lost.delete(path);
  update();
}

/**
 * @param {string} path
 * @param {boolean} replay Whether missed messages are requested after reconnecting.
 * @param {Reason | null} reason Why it cannot connect, if that is known.
 */
export function disconnected(path, replay, reason) {
  lost.set(path, { replay, reason });
  update();
}

/**
 * Show what is wrong with the services on which Gait depends.
 * @param {string[]} sentences
 */
export function setProblems(sentences) {
  if (sentences.join() === problems.join()) return;
  problems = sentences;
  update();
}

/** Return whether the server rejects the key. A browser does not report why a WebSocket was refused. */
export async function isKeyRejected() {
  const options = { method: 'HEAD', headers: authHeaders(), cache: /** @type {const} */ ('no-store') };
  const answer = await fetch(location.pathname, options).catch(() => null);
  return answer?.status === 401;
}

/** Keep the page as it is and offer to enter another key. */
export function offerNewKey() {
  const button = element('button', 'Enter another key', 'secondary');
  button.onclick = () => location.reload();
  isKeyOffered = true;
  show('Your key is no longer valid, so this page is not updated.', button);
}

function update() {
  if (isKeyOffered) return;
  const reason = [...lost.values()].map((channel) => channel.reason).find(Boolean);
  const text = reason?.text ?? problem();
  if (text) show(text, ...(reason?.lines.length ? [element('pre', reason.lines.join('\n'))] : []));
  else line().hidden = true;
}

function problem() {
  if (lost.size > 0) {
    const replayed = [...lost.values()].some((channel) => channel.replay) ? '; missed updates will be loaded' : '';
    return `The connection to Gait was lost. Reconnecting${replayed}.`;
  }
  return problems.length === 0 ? '' : `${problems.join(' ')} Until then this page is not updated. Retrying.`;
}

/**
 * @param {string} text
 * @param {Node[]} more
 */
function show(text, ...more) {
  if (line().firstChild?.textContent !== text) line().replaceChildren(text, ...more);
  line().hidden = false;
}

const line = () => find('#connection', HTMLElement);
