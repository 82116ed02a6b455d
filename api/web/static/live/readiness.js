// Whether what Gait stands on answers. A channel stays open while Redis is away, and is silent: the page says why.

import { stoodOn } from './connection.js';

const EVERY_MS = 10000;
const NAMES = { redis: 'Redis', database: 'The database' };
let watched = false;
const waiting = [];

/** Look now and then, while somebody does; `again`, if given, is called when what was away is back. */
export function watchReadiness(again) {
  if (again) waiting.push(again);
  if (watched) return;
  watched = true;
  look();
  setInterval(look, EVERY_MS);
}

let wasAway = false;

async function look() {
  if (document.hidden) return;
  const answer = await fetch('/readyz', { cache: 'no-store' }).catch(() => null);
  if (answer === null) return; // its channel tells that Gait itself is away
  const isAway = answer.status === 503;
  stoodOn(isAway ? Object.keys((await answer.json()).details).map((name) => NAMES[name] ?? name) : []);
  if (wasAway && !isAway) for (const call of waiting) call();
  wasAway = isAway;
}
