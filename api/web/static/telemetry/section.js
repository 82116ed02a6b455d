// The machine's readings over a session: one chart of several panels with one time axis, and what ran when.

import { Refused, ask } from '../lib/api.js';
import { listen } from '../live/channel.js';
import { CONFIG } from '../charts/layout.js';
import { onceAFrame } from '../lib/scheduling.js';
import { plotly } from '../charts/plotly.js';
import { figureOf, panelsOf, summaryOf } from './figure.js';
import { appended } from './append.js';
import { momentAt, phaseColours } from './phases.js';
import { readoutOf } from './readout.js';
import { moved, within } from './range.js';
import { whatIsThere } from './caption.js';
import { localMs } from '../lib/times.js';

const MOST_VALUES = 8000; // in all: what plotly draws in a frame or two
const MOST_LIVE_HZ = 0.5;
const LEAST_LIVE_HZ = 0.2;
const REFRESH_MS = 20000; // phases come with the answer alone
const GAP_MS = 8000; // after which what lies between was missed, and is asked for
const AGAIN_MS = 2500;
const EMPTY_MS = 10000;
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/**
 * Show the readings of a session in its section. `running` ones grow as readings come; `refresh` asks for all of them
 * anew, as after a test, and `finish` once more for the last time.
 */
export function showTelemetry(section, session, running) {
  const place = (id) => section.querySelector(`#${id}`);
  const plot = place('telemetry-plot');
  const state = { data: null, window: null, whole: null, points: null, asking: 0, live: running, askedAt: 0, seen: false, ready: false, moving: false, listening: null, latest: null };
  const paint = onceAFrame(draw);
  const say = (text) => { place('telemetry-said').textContent = text; };

  /** Ask for the readings; the promise is kept when the latest question is answered. */
  const load = () => (state.latest = question());

  async function question() {
    const number = ++state.asking;
    state.askedAt = Date.now();
    try {
      const data = await ask('GET', `/test-sessions/${session}/telemetry?${query()}`);
      if (number !== state.asking) return state.latest; // a later question is on its way
      if (tooMany(data)) return load();
      if (state.window && data.at.length === 0) return say('There are no readings in this part.');
      state.data = data;
      say(whatIsThere(data, state.live));
      if (state.live && state.listening === null) follow(data);
      paint();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(`The readings did not come: ${error.message}.`);
    }
  }

  function query() {
    const columns = Math.min(600, Math.max(200, Math.round(plot.clientWidth / 2)));
    const asked = new URLSearchParams({ points: state.points ?? columns, phases: columns });
    if (state.window) {
      asked.set('from', new Date(state.window[0]).toISOString());
      asked.set('to', new Date(state.window[1]).toISOString());
    }
    return asked;
  }

  /** Whether many channels make the answer more than can be drawn at once; then fewer, longer buckets are asked for. */
  function tooMany(data) {
    const lines = panelsOf(data).flatMap((panel) => panel.lines).length;
    const most = Math.max(100, Math.floor(MOST_VALUES / (3 * Math.max(lines, 1))));
    if (state.points !== null || data.at.length <= most) return false;
    state.points = most;
    return true;
  }

  async function draw() {
    if (!state.data || !state.seen) return;
    const { data, window } = state;
    const figure = figureOf(data, window, plot.clientWidth);
    plot.hidden = figure === null;
    place('telemetry-tools').hidden = place('telemetry-numbers').hidden = figure === null;
    if (figure === null) return;
    place('telemetry-numbers').querySelector('tbody').replaceChildren(...summaryOf(data));
    place('telemetry-phases').replaceChildren(...phaseColours(data.phases));
    plot.style.height = `${figure.layout.height}px`;
    readout.show(data, figure);
    try {
      const library = await plotly();
      await library.react(plot, figure.traces, figure.layout, { ...CONFIG, doubleClick: false });
      if (!state.ready) attend();
    } catch (error) {
      say(`The chart cannot be drawn (${error.message}).`);
    }
  }

  async function drawNow() {
    if (state.data === null) await load();
    state.seen = true;
    await draw();
  }

  /** Plotly's events, once it has made them possible. */
  function attend() {
    state.ready = true;
    plot.on('plotly_relayout', (changed) => {
      if (state.moving) { state.moving = false; return; }
      const [from, to] = [changed['xaxis.range[0]'], changed['xaxis.range[1]']];
      if (from !== undefined) look([unlocal(from), unlocal(to)]);
    });
    plot.on('plotly_doubleclick', () => zoom(null));
  }

  // Plotly tells times as it shows them: in UTC, of moments that were moved to the reader's clock.
  const unlocal = (told) => {
    const shown = typeof told === 'number' ? told : Date.parse(`${String(told).replace(' ', 'T')}Z`);
    return shown - (localMs(state.data.at[0]) - state.data.at[0]);
  };

  /** Show a part, null for all: what is there at once, and its readings more closely when they have come. */
  function zoom(window) {
    look(window);
    if (state.ready) move(); else paint();
  }

  /** What is drawn, moved under the window: a third of the time that it takes to draw it. */
  const move = onceAFrame(() => {
    const [from, to] = state.window ?? state.whole;
    state.moving = true;
    globalThis.Plotly.relayout(plot, { 'xaxis.range': [localMs(from), localMs(to)] });
  });

  function look(window) {
    state.whole = state.window ? state.whole : [state.data.at[0], state.data.at.at(-1) + (state.data.bucket ?? 0)];
    state.window = window && within(window, state.whole);
    load();
  }

  const readout = readoutOf(place('telemetry-frame'), (at) => {
    say(at === null ? whatIsThere(state.data, state.live) : [CLOCK.format(new Date(at)), ...momentAt(state.data, at)].join(' · '));
  });

  /** Hear of the machine about as often as a bucket is long: each reading draws all anew. */
  function follow({ host, bucket }) {
    const hz = Math.max(LEAST_LIVE_HZ, Math.min(MOST_LIVE_HZ, 1000 / (bucket ?? 1))).toFixed(2);
    state.listening = listen('/ws/hardware', heard, { replay: false, parameters: { host, hz } });
  }

  /** One more reading at the end, unless a part is looked at; after a gap, and now and then, all is asked for anew. */
  function heard(reading) {
    if (!state.live || state.window || !state.data) return;
    const at = Date.parse(reading.at);
    const last = state.data.at.at(-1);
    const waited = Date.now() - state.askedAt;
    if (last === undefined) return waited > EMPTY_MS ? load() : undefined;
    const isBehind = at - last > Math.max(GAP_MS, 3 * (state.data.bucket ?? 0));
    if (isBehind ? waited > AGAIN_MS : waited > Math.max(REFRESH_MS, state.data.bucket ?? 0)) return load();
    if (isBehind) return;
    state.data = appended(state.data, reading, at);
    if (state.seen) paint();
  }

  section.querySelector('#telemetry-tools').addEventListener('click', ({ target }) => {
    const how = target.closest('[data-zoom]')?.dataset.zoom;
    if (how) zoom(moved(how, state.window ?? [state.data.at[0], state.data.at.at(-1)]));
  });

  new IntersectionObserver(([{ isIntersecting }]) => {
    state.seen = isIntersecting;
    if (isIntersecting && state.data === null && state.asking === 0) load();
    else if (isIntersecting) paint();
  }, { rootMargin: '400px' }).observe(section);
  window.addEventListener('resize', paint);
  document.addEventListener('draw-readings', ({ detail: { all, drawings } }) => { if (all || state.data) drawings.push(drawNow()); });

  return {
    refresh: () => { if (state.asking > 0 && !state.window) load(); },
    finish: () => { state.live = false; state.listening?.(); if (state.asking > 0) load(); },
  };
}
