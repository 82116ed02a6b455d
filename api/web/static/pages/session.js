// The page of one session: live while it waits or runs, and rendered again by the server when a test has ended.

import { announce } from '../lib/announce.js';
import { find, findAll } from '../lib/dom.js';
import { whenVisible } from '../lib/scheduling.js';
import { followDisturbance } from '../live/disturbance.js';
import { Sections } from '../live/sections.js';
import { SessionProgress } from '../progress/session-progress.js';
import { showStateInTitle } from '../progress/tab-title.js';
import { TelemetrySection } from '../telemetry/section.js';
import { addDeleteButton, enableCancelButton } from './session-actions.js';
import { enableEdit } from './session-edit.js';

const RENDERED_SECTIONS = ['session-header', 'results', 'hardware', 'runs-and-logs', 'repeat'];

/** @param {HTMLElement} main */
export function start(main) {
  const { session = '', status } = main.dataset;
  const readings = wholeSection('#telemetry');
  const telemetry = readings && new TelemetrySection(readings, session, status === 'running');
  const live = wholeSection('#live');
  if (wholeSection('#edit')) enableEdit(session);
  if (status !== 'running') addDeleteButton(main, session);
  else if (live) follow(main, live, session, telemetry);
}

/**
 * Return a section, or null if a fault took its place when the server made the page.
 * @param {string} selector
 */
function wholeSection(selector) {
  const [section] = findAll(selector, HTMLElement);
  return section && !section.querySelector('[data-fault]') ? section : null;
}

/**
 * @param {HTMLElement} main
 * @param {HTMLElement} live
 * @param {string} session
 * @param {TelemetrySection | null} telemetry
 */
function follow(main, live, session, telemetry) {
  const sections = new Sections(RENDERED_SECTIONS);
  const onTestEnd = whenVisible(() => {
    telemetry?.refresh();
    sections.refresh();
  });
  const stopFollowing = followDisturbance(find('#disturbance', HTMLElement));
  const onSessionEnd = async () => {
    stopFollowing();
    showEnd(main, await sections.refresh());
    if (live.contains(document.activeElement)) main.focus({ preventScroll: true });
    live.remove();
    telemetry?.finish();
    addDeleteButton(main, session);
  };
  const progress = new SessionProgress(live, session, { onTestEnd, onSessionEnd });
  enableCancelButton(find('#cancel', HTMLButtonElement), session, () => progress.isQueued);
}

/**
 * Show and announce how the session ended.
 * @param {HTMLElement} main
 * @param {Document | null} page The page as the server renders it now.
 */
function showEnd(main, page) {
  const ended = page?.getElementById('main')?.dataset.status ?? 'ended';
  const state = document.querySelector('#session-header .badge')?.textContent ?? ended;
  main.dataset.status = ended;
  showStateInTitle(state, page?.title ?? document.title);
  announce(`This session is ${state}.`);
}
