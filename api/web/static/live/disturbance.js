// The banner that says at once what disturbs the machine of a session, as the server sees it.

import { fetchPage } from '../lib/api.js';

const INTERVAL_MS = 5000;

/**
 * Keep the banner current, and return a function that stops it and takes the banner away.
 * @param {HTMLElement} banner
 */
export function followDisturbance(banner) {
  const timer = setInterval(() => {
    if (!document.hidden) refresh(banner);
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    banner.replaceChildren();
  };
}

/** @param {HTMLElement} banner */
async function refresh(banner) {
  const answer = await fetchPage({ part: 'disturbance' }).catch(() => null);
  const update = answer?.status === 200 ? answer.page.getElementById('disturbance') : null;
  if (update && update.innerHTML !== banner.innerHTML) banner.replaceChildren(...update.childNodes);
}
