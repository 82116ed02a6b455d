// What a session measures now, by its progress messages: the bars, the last run, each run's dot, the tests as they end.

import { announce } from '../lib/announce.js';
import { listen } from './channel.js';
import { element } from '../lib/dom.js';
import { onceAFrame } from '../lib/scheduling.js';
import { askForPage } from '../lib/key.js';
import { logOf } from './log.js';
import { ratesOf } from './run-chart.js';
import { asText, pointText, quantity } from '../lib/formatting.js';
import { paceOf } from './time-left.js';
import { titleOf } from './tab-title.js';

const WAITING_MS = 10000;
const PHASES = { preparing: 'getting ready', 'warming-up': 'warming up', measuring: 'measuring', finished: 'finished', cancelled: 'cancelled' };
const LAST_RUN = [['tokensPerSecond', 'rate', 'tokens/s'], ['timeToFirstToken', 'TTFT', 'ms'], ['promptTokensPerSecond', 'prefill', 'tokens/s'], ['inferenceTime', 'request', 'ms']];

/** Follow a session in its `live` part; `onNews` is called when it begins and when a test ends, `onSessionEnd` at its end. */
export function showLive(live, session, { onNews, onSessionEnd }) {
  const card = live.querySelector('#live-card');
  const place = (id) => live.querySelector(`#${id}`);
  const headlines = JSON.parse(card.dataset.headlines);
  const chips = new Map([...live.querySelectorAll('[data-test]')].map((chip) => [JSON.stringify(JSON.parse(chip.dataset.test)), chip]));
  const state = { now: null, run: null, ended: Number(card.dataset.ended), waits: 'waits' in card.dataset, changed: new Map() };
  const log = logOf(place('log'), live.querySelectorAll('.tests').length > 1);
  const rates = ratesOf(place('rates-figure'), headlines);
  const pace = paceOf();
  const paint = onceAFrame(draw);
  const chipOf = (message) => JSON.stringify([message.modelName, message.testType]);

  function heard(message) {
    state.now = message;
    pace.add(message);
    if (message.modelName) heardOfTest(message);
    titleOf(message);
    paint();
    if (message.session.status !== 'running') { end(); return; }
    const hasBegun = state.waits && message.modelName;
    if (!hasBegun && message.session.completedTests <= state.ended) return;
    state.waits = false;
    state.ended = message.session.completedTests;
    onNews();
  }

  function heardOfTest(message) {
    state.changed.set(chipOf(message), message);
    log.add(message);
    if (message.type === 'progress' && message.metrics) {
      state.run = message;
      rates.add(message);
    }
  }

  function draw() {
    for (const [name, message] of state.changed) drawChip(chips.get(name), message, headlines[message.testType]);
    state.changed.clear();
    drawStanding(place, state.now, pace.left());
    if (state.run) drawRun(place('last-run'), state.run.metrics, headlines[state.run.testType]);
    rates.draw(state.now);
    log.draw();
  }

  function end() {
    stop();
    clearInterval(waiting);
    onSessionEnd();
  }

  const stop = listen('/ws/test-progress', heard, { parameters: { sessionId: session } });
  const waiting = setInterval(() => {
    if (state.now && state.now.phase !== 'queued') clearInterval(waiting);
    else if (!document.hidden) drawWaiting(place('now-where'));
  }, WAITING_MS);
}

function drawChip(chip, message, headline) {
  if (!chip) return;
  const value = message.metrics?.[headline?.name];
  const word = { progress: `${Math.round(message.progress)} %`, complete: asText(value, headline?.unit), error: message.phase === 'cancelled' ? 'cancelled' : 'error' };
  chip.className = `chip ${{ progress: 'running', complete: 'completed', error: 'error' }[message.type]}`;
  chip.querySelector('.said').textContent = word[message.type];
  if (message.type !== 'progress') announce(`${message.testType} of ${message.modelName}: ${word[message.type]}`);
}

function drawStanding(place, message, left) {
  const { session, modelName, testType, phase, point, repetition, progress } = message;
  place('session-progress').value = session.progress;
  place('session-said').textContent = `${session.completedTests} of ${session.totalTests} tests`;
  if (!modelName) return;
  place('now-what').textContent = `${testType}, ${modelName}`;
  place('now-where').textContent = [PHASES[phase] ?? phase, pointText(point), repetition && `run ${repetition}`].filter(Boolean).join(' · ');
  place('test-progress').value = progress;
  place('test-said').textContent = `${Math.round(progress)} %`;
  place('left').textContent = left;
}

function drawRun(list, metrics, headline) {
  const first = headline && !LAST_RUN.some(([name]) => name === headline.name) ? [[headline.name, headline.label, headline.unit]] : [];
  const told = [...first, ...LAST_RUN].filter(([name]) => typeof metrics[name] === 'number');
  list.hidden = told.length === 0;
  list.replaceChildren(...told.map(([name, label, unit]) => {
    const [pair, term, value] = [element('div'), element('dt', `last run: ${label}`), element('dd')];
    value.append(quantity(metrics[name], unit));
    pair.append(term, value);
    return pair;
  }));
}

/** How many sessions are before this one, as the server tells it now. */
async function drawWaiting(place) {
  const { status, page } = await askForPage().catch(() => ({ status: 0 }));
  if (status !== 200) return;
  const told = page.getElementById('now-where');
  if (told && place.isConnected) place.textContent = told.textContent.trim();
}
