// The page of one session: live while it waits or runs, and rendered again by the server when a test has ended.

import { announce } from '../lib/announce.js';
import { find } from '../lib/dom.js';
import { whenVisible } from '../lib/scheduling.js';
import { Sections } from '../live/sections.js';
import { SessionProgress } from '../live/session-progress.js';
import { showStateInTitle } from '../live/tab-title.js';
import { TelemetrySection } from '../telemetry/section.js';
import { addDeleteButton, enableCancelButton } from './session-actions.js';

const RENDERED_SECTIONS = ['session-header', 'results', 'repeat'];

/** @param {HTMLElement} main */
export function start(main) {
  const { session = '', status } = main.dataset;
  const telemetry = new TelemetrySection(find('#telemetry', HTMLElement), session, status === 'running');
  if (status === 'running') follow(main, session, telemetry);
  else addDeleteButton(main, session);
}

/**
 * @param {HTMLElement} main
 * @param {string} session
 * @param {TelemetrySection} telemetry
 */
function follow(main, session, telemetry) {
  const live = find('#live', HTMLElement);
  const sections = new Sections(RENDERED_SECTIONS);
  const onTestEnd = whenVisible(() => {
    telemetry.refresh();
    sections.refresh();
  });
  const onSessionEnd = async () => {
    showEnd(main, await sections.refresh());
    if (live.contains(document.activeElement)) main.focus({ preventScroll: true });
    live.remove();
    telemetry.finish();
    addDeleteButton(main, session);
  };
  enableCancelButton(find('#cancel', HTMLButtonElement), session);
  new SessionProgress(live, session, { onTestEnd, onSessionEnd });
}

/**
 * Show and announce how the session ended.
 * @param {HTMLElement} main
 * @param {Document | null} page The page as the server renders it now.
 */
function showEnd(main, page) {
  const state = find('#session-header .badge', HTMLElement).textContent;
  main.dataset.status = page?.getElementById('main')?.dataset.status ?? 'ended';
  showStateInTitle(state, page?.title ?? document.title);
  announce(`This session is ${state}.`);
}
