// A page on paper, or as a PDF: charts as wide as the paper, and open what a reader of paper could not open.

import { drawNow } from './charts.js';

const OPENED = '#findings details, .verdicts details, #repeat details, figure:has(.plot:not(.js-plotly-plot)) details';
const opened = new Set();

function ontoPaper() {
  document.documentElement.classList.add('on-paper');
  for (const details of document.querySelectorAll(OPENED)) {
    if (details.open) continue;
    details.open = true;
    opened.add(details);
  }
  fitCharts();
}

function ontoScreen() {
  document.documentElement.classList.remove('on-paper');
  for (const details of opened) details.open = false;
  opened.clear();
  fitCharts();
}

/** As wide as they have room now, at once: a browser that prints waits for no frame. */
function fitCharts() {
  for (const plot of document.querySelectorAll('[data-figure].js-plotly-plot')) drawNow(plot);
  drawReadings(false);
}

/** Charts that nobody has scrolled to are not drawn yet; a browser's own command to print cannot wait for them. */
async function drawAll() {
  for (const plot of document.querySelectorAll('[data-figure]:not(.js-plotly-plot)')) await drawNow(plot);
  await drawReadings(true);
}

/** Whoever draws readings answers by a promise; `all` also asks for those that were not asked for yet. */
function drawReadings(all) {
  const drawings = [];
  document.dispatchEvent(new CustomEvent('draw-readings', { detail: { all, drawings } }));
  return Promise.all(drawings);
}

async function printOnClick(event) {
  const button = event.target.closest('[data-print]');
  if (!button) return;
  button.disabled = true;
  document.documentElement.classList.add('on-paper');
  await drawAll();
  button.disabled = false;
  print();
}

addEventListener('beforeprint', ontoPaper);
addEventListener('afterprint', ontoScreen);
document.addEventListener('click', printOnClick);
