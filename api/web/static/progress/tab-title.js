// The title and the icon of the tab, which show the state of a session to readers of another tab.

/** @import { ProgressMessage } from '../../types/messages.js' */

import { showProgressInIcon } from './tab-icon.js';

const title = document.title;

/**
 * Show the progress of a session that waits or runs.
 * @param {ProgressMessage} message
 */
export function showProgressInTitle({ phase, session }) {
  if (phase === 'queued') document.title = `queued · ${title}`;
  else showPercentInTitle(session.progress);
}

/**
 * Show a progress in percent, null if nothing runs.
 * @param {number | null} percent
 */
export function showPercentInTitle(percent) {
  document.title = percent === null ? title : `${Math.round(percent)} % · ${title}`;
  showProgressInIcon(percent);
}

/**
 * Show how a session ended until the tab is visible.
 * @param {string} state
 * @param {string} finalTitle
 */
export function showStateInTitle(state, finalTitle) {
  const restore = () => {
    document.title = finalTitle;
  };
  showProgressInIcon(null);
  document.title = document.hidden ? `${state} · ${finalTitle}` : finalTitle;
  document.addEventListener('visibilitychange', restore, { once: true });
}
