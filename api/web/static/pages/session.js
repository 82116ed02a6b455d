// The page of one session: live while it waits or runs, and made anew by the server whenever a test has ended.

import { announce } from '../lib/announce.js';
import { deleteButton, onCancel } from './session-actions.js';
import { whenSeen } from '../lib/scheduling.js';
import { showLive } from '../live/session-progress.js';
import { partsOf } from '../live/sections.js';
import { showTelemetry } from '../telemetry/section.js';
import { titleUntilSeen } from '../live/tab-title.js';

const ALL = ['standing', 'results', 'repeat'];

/** @param {HTMLElement} main */
export function start(main) {
  const { session, status } = main.dataset;
  const telemetry = showTelemetry(document.getElementById('telemetry'), session, status === 'running');
  if (status === 'running') follow(main, telemetry);
  else deleteButton(main, session);
}

function follow(main, telemetry) {
  const { session } = main.dataset;
  const live = document.getElementById('live');
  const parts = partsOf(ALL);

  const onNews = whenSeen(() => {
    telemetry.refresh();
    parts.refresh();
  });

  async function onSessionEnd() {
    const page = await parts.refresh();
    main.dataset.status = page?.getElementById('main')?.dataset.status ?? 'ended';
    const state = document.querySelector('#standing .badge').textContent;
    titleUntilSeen(state, page?.title ?? document.title);
    announce(`This session is ${state}.`);
    if (live.contains(document.activeElement)) main.focus({ preventScroll: true });
    live.remove();
    telemetry.finish();
    deleteButton(main, session);
  }

  onCancel(document.getElementById('cancel'), session);
  showLive(live, session, { onNews, onSessionEnd });
}
