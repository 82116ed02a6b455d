// Plotly, the library of the charts. It is large, so it is fetched when needed and evaluated while the reader pauses.

/** @import { PlotlyLibrary } from '../../types/plotly.js' */

import { nextFrame, sleep } from '../lib/scheduling.js';

const PAUSE_MS = 300;
const MAX_WAIT_MS = 3000;
const POLL_MS = 50;
// Plotly adds styles for maps, which the content security policy refuses, unless an element has this id.
const MAP_STYLES_ID = '9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53';

/** @type {Promise<PlotlyLibrary> | null} */
let loading = null;
let lastInput = -Infinity;
for (const type of ['pointerdown', 'keydown']) {
  const note = () => {
    lastInput = performance.now();
  };
  addEventListener(type, note, { capture: true, passive: true });
}

/** Return the library, which is loaded once. */
export function plotly() {
  loading ??= load();
  return loading;
}

async function load() {
  await preload();
  await pause();
  await evaluate();
  await nextFrame(); // input that came during the evaluation is handled before the first chart is drawn
  if (!window.Plotly) throw new Error('the chart library did not start');
  return window.Plotly;
}

const source = () => document.documentElement.dataset.plotly ?? '';

/** Fetch the script without evaluating it. */
const preload = () =>
  new Promise((resolve) => {
    const link = document.createElement('link');
    document.head.append(
      Object.assign(link, { rel: 'preload', as: 'script', href: source(), onload: resolve, onerror: resolve }),
    );
  });

/** Wait for a moment without input: the evaluation takes some tenths of a second in which the page does not respond. */
async function pause() {
  const start = performance.now();
  while (performance.now() - lastInput < PAUSE_MS && performance.now() - start < MAX_WAIT_MS) await sleep(POLL_MS);
}

const evaluate = () =>
  new Promise((resolve, reject) => {
    const script = document.createElement('script');
    const onerror = () => reject(new Error('the chart library could not be loaded'));
    document.head.append(Object.assign(script, { id: MAP_STYLES_ID, src: source(), onload: resolve, onerror }));
  });
