// The line above a page: whether a channel of it is cut off, and whether the key that opened it still holds.

import { element } from '../lib/dom.js';
import { headers } from '../lib/key.js';

const cut = new Map(); // path -> whether what is missed comes again
let away = [];
let isOver = false; // until another key is given

export function joined(path) {
  cut.delete(path);
  show();
}

export function cutOff(path, comesAgain) {
  cut.set(path, comesAgain);
  show();
}

/** What Gait stands on and does not answer, by name. */
export function stoodOn(names) {
  if (names.join() === away.join()) return;
  away = names;
  show();
}

/** Whether the key that opened the page is known no more, as after it was changed: a browser does not tell why a WebSocket was refused. */
export async function isLocked() {
  const answer = await fetch(location.pathname, { method: 'HEAD', headers: headers(), cache: 'no-store' }).catch(() => null);
  return answer?.status === 401;
}

/** Leave what is shown where it is, and offer to give another key. */
export function askForAnotherKey() {
  const button = element('button', 'Give another key', 'quiet');
  button.onclick = () => location.reload();
  isOver = true;
  tell('Your key is not known to Gait any more, so this page stands still.', button);
}

function show() {
  if (isOver) return;
  const missed = [...cut.values()].some(Boolean) ? '; nothing that happens meanwhile is missed' : '';
  if (cut.size > 0) tell(`The connection to Gait is lost. Trying again${missed}.`);
  else if (away.length > 0) tell(`${away.join(' and ')} ${away.length > 1 ? 'do' : 'does'} not answer, so this page stands still. Trying again.`);
  else line().hidden = true;
}

function tell(text, ...further) {
  if (line().firstChild?.textContent !== text) line().replaceChildren(text, ...further);
  line().hidden = false;
}

const line = () => document.getElementById('connection');
