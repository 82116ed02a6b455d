// The machines to choose from: what each does, what waits there, and what fits.

/** @import { CurrentSession, Host } from '../../types/answers.js' */

import { findAll, setText } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';
import { joinKnown, plural } from '../lib/text.js';
import { hourAndMinute } from '../lib/times.js';
import { hostOf } from './body.js';

/**
 * Return whether a choice is one machine, and neither any nor all of them.
 * @param {string} host
 */
export const isOne = (host) => host !== '' && host !== 'any' && host !== 'all';

/**
 * Return the names of the models that are loaded on the chosen machine, or on any.
 * @param {HTMLFormElement} form
 * @param {Host[]} hosts
 */
export function loadedOn(form, hosts) {
  const host = hostOf(form);
  const found = hosts.flatMap((each) => (!isOne(host) || each.name === host ? (each.loaded ?? []) : []));
  return new Set(found.map(({ name }) => name));
}

/**
 * Return the bytes of VRAM of the chosen machine; null if they are unknown.
 * @param {HTMLFormElement} form
 */
export function vramOf(form) {
  const places = findAll('[data-host]', HTMLElement, form);
  const host = hostOf(form);
  const chosen = host ? places.find((place) => place.dataset.host === host) : places[0];
  return Number(chosen?.dataset.vram) || null;
}

/**
 * Show beside each machine what it does.
 * @param {HTMLFormElement} form
 * @param {Host[]} hosts
 */
export function showWork(form, hosts) {
  for (const host of hosts) {
    for (const place of findAll(`[data-host="${CSS.escape(host.name)}"] [data-work]`, HTMLElement, form)) {
      setText(place, workOf(host));
    }
  }
}

/** @param {Host} host */
function workOf({ reachable, session, queue }) {
  if (!reachable) return 'Ollama does not answer there';
  const waiting = queue.waiting > 0 && `${plural(queue.waiting, 'session')} waiting`;
  const end = endOf(session, queue);
  return joinKnown(
    '; ',
    session ? runningText(session) : 'idle',
    waiting,
    end && `free at about ${hourAndMinute(end)}`,
  );
}

/**
 * Return when the last session that runs or waits will probably end; null if that is unknown.
 * @param {Host['session']} session
 * @param {Host['queue']} queue
 */
function endOf(session, { waiting, first }) {
  const last = waiting > 0 ? first[waiting - 1] : session;
  return last?.expectedEnd ?? null;
}

/** @param {CurrentSession} session */
const runningText = ({ name, sessionProgress }) =>
  `running ${name ? `“${name}”` : 'a session'}${percentOf(sessionProgress)}`;

/** @param {number | null | undefined} progress */
const percentOf = (progress) => (progress === null || progress === undefined ? '' : `, ${asText(progress, '%')} done`);
