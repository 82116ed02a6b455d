// The title of the tab, which shows the state of a session to readers of another tab.

/** @import { ProgressMessage } from '../../types/messages.js' */

const title = document.title;

/**
 * Show the progress of a session that waits or runs.
 * @param {ProgressMessage} message
 */
export function showProgressInTitle({ phase, session }) {
  document.title = `${phase === 'queued' ? 'queued' : `${Math.round(session.progress)} %`} · ${title}`;
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
  document.title = document.hidden ? `${state} · ${finalTitle}` : finalTitle;
  document.addEventListener('visibilitychange', restore, { once: true });
}
