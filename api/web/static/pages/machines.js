// The page of the machines: their state every few seconds, and their readings as they come.

/** @import { Host } from '../../types/answers.js' */
/** @import { Reading } from '../../types/messages.js' */

import { asApiError, request } from '../lib/api.js';
import { find, findAll } from '../lib/dom.js';
import { oncePerFrame } from '../lib/scheduling.js';
import { sentence } from '../lib/text.js';
import { subscribe } from '../live/channel.js';
import { MachineCard } from '../machines/card.js';
import { Gauges } from '../machines/gauges.js';

const HOSTS_INTERVAL_MS = 5000;
const MODELS_INTERVAL_MS = 60_000;
const READINGS_HZ = 2;

/** @param {HTMLElement} main */
export function start(main) {
  const elements = findAll('[data-host]', HTMLElement, main);
  const cards = new Map(elements.map((card) => [card.dataset.host ?? '', new MachineCard(card)]));
  followReadings(cards);
  new HostPoll(cards, find('#machines-problem', HTMLElement, main)).start();
}

/** Requests the state of the machines while the tab is visible, and their models less often. */
class HostPoll {
  #modelsAt = -Infinity;
  #isRequesting = false;
  #cards;
  #problem;

  /**
   * @param {Map<string, MachineCard>} cards
   * @param {HTMLElement} problem
   */
  constructor(cards, problem) {
    this.#cards = cards;
    this.#problem = problem;
  }

  start() {
    this.#poll();
    setInterval(() => this.#poll(), HOSTS_INTERVAL_MS);
    document.addEventListener('visibilitychange', () => this.#poll());
  }

  async #poll() {
    if (document.hidden || this.#isRequesting) return;
    this.#isRequesting = true;
    try {
      this.#show((await request('GET', '/hosts')).hosts);
      this.#problem.textContent = '';
    } catch (error) {
      this.#problem.textContent = `The state of the machines is not known. ${sentence(asApiError(error).message)}`;
    } finally {
      this.#isRequesting = false;
    }
  }

  /** @param {Host[]} hosts */
  #show(hosts) {
    const isModelsDue = Date.now() - this.#modelsAt > MODELS_INTERVAL_MS;
    if (isModelsDue) this.#modelsAt = Date.now();
    for (const host of hosts) {
      const card = this.#cards.get(host.name);
      card?.showHost(host);
      if (card && isModelsDue && host.reachable) requestModels(card, host.name);
    }
  }
}

/**
 * @param {MachineCard} card
 * @param {string} host
 */
async function requestModels(card, host) {
  try {
    card.showModels((await request('GET', `/models?${new URLSearchParams({ host })}`)).models);
  } catch (error) {
    asApiError(error); // the card shows already that the machine is not reachable
  }
}

/**
 * Show the readings of all machines as they come, once a frame.
 * @param {Map<string, MachineCard>} cards
 */
function followReadings(cards) {
  const gauges = new Map([...cards].map(([host, card]) => [host, new Gauges(card.part('gauges'))]));
  const paint = oncePerFrame(() => {
    for (const each of gauges.values()) each.draw();
  });
  /** @type {(reading: Reading) => void} */
  const receive = (reading) => {
    gauges.get(reading.host)?.add(reading);
    paint();
  };
  subscribe('/ws/hardware', receive, { replay: false, parameters: { hz: READINGS_HZ } });
}
