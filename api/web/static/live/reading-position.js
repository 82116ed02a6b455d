// The reader's place on a page whose content changes: the scroll position and the focus.

import { findAll, mainElement } from '../lib/dom.js';

const LANDMARKS = '#main [id], #main h2, #main h3, #main summary';

/**
 * Return the id of an element, or of the nearest element above that has one.
 * @param {Element} element
 */
export const pathOf = (element) => element.closest('[id]')?.id ?? '';

/**
 * Change the page, and keep the focus and the visible content where they were.
 * @param {() => void} change
 */
export function preservePosition(change) {
  const restoreScroll = rememberScroll();
  const restoreFocus = rememberFocus();
  change();
  restoreScroll();
  restoreFocus();
}

function rememberScroll() {
  const visible = findAll(LANDMARKS, HTMLElement).find(isInSight);
  if (!visible) return () => {};
  const [name, top] = [landmarkName(visible), topOf(visible)];
  return () => {
    const same = findAll(LANDMARKS, HTMLElement).find((element) => landmarkName(element) === name);
    if (same) window.scrollBy({ top: topOf(same) - top, behavior: 'instant' });
  };
}

function rememberFocus() {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return () => {};
  const name = controlName(focused);
  return () => {
    if (focused.isConnected) return;
    const same = findAll(focused.tagName, HTMLElement).find((element) => controlName(element) === name);
    (same ?? mainElement()).focus({ preventScroll: true });
  };
}

/** @param {Element} element */
const topOf = (element) => element.getBoundingClientRect().top;

/**
 * Elements in closed details report 0 as their top, so their visibility is checked.
 * @param {Element} element
 */
const isInSight = (element) => element.checkVisibility() && topOf(element) >= 0;

/** @param {Element} element */
const landmarkName = (element) => element.id || `${pathOf(element)} ${element.tagName} ${element.textContent.trim()}`;

/** @param {Element} element */
function controlName(element) {
  const label = element.getAttribute('href') ?? element.getAttribute('aria-label') ?? element.textContent.trim();
  return element.id || `${pathOf(element)} ${element.tagName} ${label}`;
}
