// What the tab's title says of a session, for who has turned to another tab.

const title = document.title;

/** While it waits or runs. */
export function titleOf({ phase, session }) {
  document.title = `${phase === 'queued' ? 'queued' : `${Math.round(session.progress)} %`} · ${title}`;
}

/** When it has ended: the state before the title until somebody looks, then the title alone. */
export function titleUntilSeen(state, whole) {
  document.title = document.hidden ? `${state} · ${whole}` : whole;
  document.addEventListener('visibilitychange', () => { document.title = whole; }, { once: true });
}
