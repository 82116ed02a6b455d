// Checks of the services that Gait depends on. A channel stays open and silent while Redis is down or read-only.

/** @import { ErrorAnswer } from '../../types/answers.js' */

import { answerOf } from '../lib/api.js';
import { setProblems } from './connection.js';

const INTERVAL_MS = 10_000;
let isWatching = false;
let wasDown = false;
/** @type {(() => void)[]} */
const listeners = [];

/**
 * Check from time to time while the tab is visible.
 * @param {() => void} [onRecovery] Called when services that were down can be used again.
 */
export function watchReadiness(onRecovery) {
  if (onRecovery) listeners.push(onRecovery);
  if (isWatching) return;
  isWatching = true;
  check();
  setInterval(check, INTERVAL_MS);
}

async function check() {
  if (document.hidden) return;
  const answer = await answerOf('readyz');
  if (answer === null) return; // a channel reports that Gait itself is down
  const isDown = answer.status === 503;
  setProblems(isDown ? problems(answer.body) : []);
  if (wasDown && !isDown) for (const onRecovery of listeners) onRecovery();
  wasDown = isDown;
}

/** @param {ErrorAnswer} answer */
const problems = ({ details = {} }) => Object.values(details).map(String);
