// A page on paper, or as a PDF: charts as wide as the paper, and open what a reader of paper could not open.

import { draw } from './figures.js';

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

/** In the paper's colours and width, at once: a browser that prints waits for no frame. */
function fitCharts() {
  for (const plot of document.querySelectorAll('.js-plotly-plot')) fit(plot);
}

async function fit(plot) {
  if (plot.dataset.figure) await draw(plot, JSON.parse(plot.dataset.figure));
  window.Plotly?.relayout(plot, { autosize: true });
}

/** Charts that nobody has scrolled to are not drawn yet; a browser's own command to print cannot wait for them. */
async function drawAll() {
  for (const plot of document.querySelectorAll('[data-figure]:not(.js-plotly-plot)')) await draw(plot, JSON.parse(plot.dataset.figure));
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
