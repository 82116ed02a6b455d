// The machines: asked how they stand every few seconds, and their readings as they come.

import { Refused, ask } from '../lib/api.js';
import { listen } from '../live/channel.js';
import { onceAFrame } from '../lib/scheduling.js';
import { gaugesOf } from '../machines/gauges.js';
import { showModels, showStanding } from '../machines/card.js';

const EVERY_MS = 5000;
const MODELS_MS = 60000;
const READINGS_HZ = 2;

/** @param {HTMLElement} main */
export function start(main) {
  const cards = new Map([...main.querySelectorAll('[data-host]')].map((card) => [card.dataset.host, card]));
  follow(cards);
  askOften(cards, main.querySelector('#machines-problem'));
}

/** Ask how the machines stand while somebody looks, and now and then what is installed. */
function askOften(cards, problem) {
  let modelsAt = -Infinity;
  let asking = false;

  async function once() {
    if (document.hidden || asking) return;
    asking = true;
    try {
      const { hosts } = await ask('GET', '/hosts');
      problem.textContent = '';
      for (const host of hosts) showStanding(cards.get(host.name), host);
      if (Date.now() - modelsAt > MODELS_MS) {
        modelsAt = Date.now();
        for (const host of hosts.filter((one) => one.reachable)) askModels(cards.get(host.name), host.name);
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problem.textContent = `How the machines stand cannot be told: ${error.message}`;
    } finally {
      asking = false;
    }
  }

  once();
  setInterval(once, EVERY_MS);
  document.addEventListener('visibilitychange', once);
}

async function askModels(card, name) {
  try {
    showModels(card, (await ask('GET', `/models?${new URLSearchParams({ host: name })}`)).models);
  } catch (error) {
    if (!(error instanceof Refused)) throw error; // that it is away is told by how it stands
  }
}

/** Show the readings of all machines as they come, each frame once. */
function follow(cards) {
  const gauges = new Map([...cards].map(([name, card]) => [name, gaugesOf(card.querySelector('[data-part="gauges"]'))]));
  const paint = onceAFrame(() => { for (const one of gauges.values()) one.draw(); });

  function heard(reading) {
    gauges.get(reading.host)?.add(reading);
    paint();
  }

  listen('/ws/hardware', heard, { replay: false, parameters: { hz: READINGS_HZ } });
}
