// The icon of the tab with a bar for the progress of a session.

import { find } from '../lib/dom.js';

const WIDTH = 32;
let ordinary = '';

/**
 * Show a progress in percent, or the ordinary icon if it is null.
 * @param {number | null} percent
 */
export function showProgressInIcon(percent) {
  const link = find('link[rel=icon]', HTMLLinkElement);
  ordinary ||= link.href;
  const wanted = percent === null ? ordinary : `data:image/svg+xml,${encodeURIComponent(iconAt(percent))}`;
  if (link.href !== wanted) link.href = wanted;
}

/** @param {number} percent */
function iconAt(percent) {
  const done = Math.round((WIDTH * percent) / 100);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6e62"/><path d="M5 15h5l3-8 5 11 3-6h6" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/><path d="M0 24h32v8H0z" fill="#063f38"/><path d="M0 24h${done}v8H0z" fill="#ffd166"/></svg>`;
}
