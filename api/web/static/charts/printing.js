// A page on paper or as a PDF: charts fit the paper, and details that a reader of paper cannot open are open.

import { findAll, closest } from '../lib/dom.js';

const OPENED = '.verdicts details, #repeat details';
/** @type {Set<HTMLDetailsElement>} */
const opened = new Set();

/** @typedef {(includeUnfetched: boolean) => Promise<unknown>} Drawing */
/** @type {Drawing[]} */
const drawings = [];

/**
 * Register what a script draws, to be drawn at the width of the paper before the page is printed.
 * @param {Drawing} drawing
 */
export const onPrint = (drawing) => drawings.push(drawing);

/** @type {Promise<unknown>} */
let started = Promise.resolve();

/**
 * Let the button print only after the page's own script has started, because it may register drawings.
 * @param {Promise<unknown>} start
 */
export function printAfter(start) {
  started = start;
}

/**
 * Draw at the present width, at once: a browser that prints does not wait for a frame.
 * @param {boolean} includeUnfetched
 */
const drawAll = (includeUnfetched) => Promise.all(drawings.map((draw) => draw(includeUnfetched)));

/** Prepare the page whenever it is printed, and enable buttons with `data-print`. */
export function enablePrinting() {
  addEventListener('beforeprint', prepare);
  addEventListener('afterprint', restore);
  document.addEventListener('click', printOnClick);
}

const setPaper = (/** @type {boolean} */ isOn) => document.documentElement.classList.toggle('on-paper', isOn);

function prepare() {
  setPaper(true);
  for (const details of findAll(OPENED, HTMLDetailsElement)) {
    if (details.open) continue;
    details.open = true;
    opened.add(details);
  }
  drawAll(false);
}

function restore() {
  setPaper(false);
  for (const details of opened) details.open = false;
  opened.clear();
  drawAll(false);
}

/** @param {Event} event */
async function printOnClick(event) {
  const button = closest(event, '[data-print]', HTMLButtonElement);
  if (!button) return;
  button.disabled = true;
  setPaper(true);
  await Promise.allSettled([started]);
  await drawAll(true);
  button.disabled = false;
  print();
}
