// Plotly, the library of the charts: large, so it comes when a chart needs it, and is evaluated when nobody acts.

import { aFrame } from '../lib/scheduling.js';

const LEFT_ALONE_MS = 300;
const PATIENCE_MS = 3000;
// Plotly brings a sheet for maps, which the policy refuses, unless it finds it in the page by this id. There are no maps.
const SHEET_OF_MAPS = '9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53';

let arriving = null;
let touched = -Infinity;
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { touched = performance.now(); }, { capture: true, passive: true });

/** Plotly, asked for once, when the first chart needs it. */
export function plotly() {
  arriving ??= fetched().then(leftAlone).then(evaluated).then(rested);
  return arriving;
}

/** Its script, in the browser's hands. */
const fetched = () => new Promise((resolve) => {
  const link = Object.assign(document.createElement('link'), { rel: 'preload', as: 'script', href: document.documentElement.dataset.plotly, onload: resolve, onerror: resolve });
  document.head.append(link);
});

/** To evaluate it takes some tenths of a second in which the page answers nobody: that waits for a moment without use. */
async function leftAlone() {
  const asked = performance.now();
  while (performance.now() - touched < LEFT_ALONE_MS && performance.now() - asked < PATIENCE_MS) await new Promise((resolve) => { setTimeout(resolve, 50); });
}

const evaluated = () => new Promise((resolve, reject) => {
  const script = document.createElement('script');
  Object.assign(script, { id: SHEET_OF_MAPS, src: document.documentElement.dataset.plotly, onload: resolve });
  script.onerror = () => reject(new Error('the library of the charts did not arrive'));
  document.head.append(script);
});

/** What came while it was evaluated is answered before the first chart is drawn. */
async function rested() {
  await aFrame();
  return window.Plotly;
}
