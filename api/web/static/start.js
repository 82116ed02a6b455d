// The first script of every page. It opens a locked page, and starts the script that `<main data-module="…">` names.

import { enablePrinting, printAfter } from './charts/printing.js';
import { mainElement } from './lib/dom.js';
import { showLocalTimes } from './lib/times.js';
import { enableCopyButtons } from './pages/copy-buttons.js';
import { enableDownloadLinks } from './pages/download-links.js';
import { openPage } from './pages/key-form.js';

/** @type {Record<string, () => Promise<{ start: (main: HTMLElement) => unknown }>>} */
const MODULES = {
  machines: () => import('./pages/machines.js'),
  'new-session': () => import('./pages/new-session.js'),
  session: () => import('./pages/session.js'),
  sessions: () => import('./pages/sessions.js'),
};

async function start() {
  const main = mainElement();
  showLocalTimes(main);
  const load = MODULES[main.dataset.module ?? ''];
  if (!load) return;
  const started = load().then((script) => script.start(main));
  printAfter(started);
  await started;
}

enableCopyButtons();
enableDownloadLinks();
enablePrinting();
openPage(start);
