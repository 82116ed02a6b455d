// The card of a machine: its state as `GET /hosts` reports it, and the models that are installed there.

/** @import { CurrentSession, Host, InstalledModel, LoadedModel } from '../../types/answers.js' */

import { element, find, setText } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';
import { address } from '../lib/root.js';
import { plural, sentence } from '../lib/text.js';
import { showLocalTimes } from '../lib/times.js';
import { makeTable } from './table.js';

const MAX_READING_AGE_MS = 5000;

export class MachineCard {
  #card;

  /** @param {HTMLElement} card */
  constructor(card) {
    this.#card = card;
  }

  /** @param {string} name */
  part(name) {
    return find(`[data-part="${name}"]`, HTMLElement, this.#card);
  }

  /** @param {Host} host */
  showHost(host) {
    this.#showReachability(host);
    this.#showWork(host);
    this.#showLoadedModels(host);
    if (host.sampler) this.#showSampler(host.sampler);
  }

  /** @param {InstalledModel[]} models */
  showModels(models) {
    const list = this.part('models');
    const table = find('.table', HTMLElement, list);
    const rows = models.map(({ name, size, tags, version }) => [
      name,
      asText(size, 'file bytes'),
      tags.join(', '),
      version,
    ]);
    list.hidden = false;
    find('summary', HTMLElement, list).textContent = `Installed models (${models.length})`;
    table.replaceWith(makeTable(['Model', 'Size', 'Tags', 'Digest'], rows, table.getAttribute('aria-label') ?? ''));
  }

  /** @param {Host} host */
  #showReachability({ reachable, version, reason, advice }) {
    const [badge, problem] = [this.part('reachability'), this.part('problem')];
    badge.className = `badge ${reachable ? 'completed' : 'error'}`;
    setText(badge, reachable ? 'Ollama responds' : 'not reachable');
    setText(this.part('version'), version ? ` · Ollama ${version}` : '');
    problem.hidden = reachable;
    setText(problem, reachable ? '' : `${sentence(reason)} ${sentence(advice)}`);
  }

  /** @param {Host} host */
  #showWork({ session, queue }) {
    const place = this.part('work');
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(
      ...(session ? sessionLines(session) : [element('p', 'No session is running.')]),
      ...queueLines(queue),
    );
    if (hadFocus) place.querySelector('a')?.focus();
  }

  /** @param {Host} host */
  #showLoadedModels({ name, loaded }) {
    const place = this.part('loaded');
    if (loaded === null) return place.replaceChildren();
    const title = element('h3', 'Loaded models');
    if (loaded.length === 0) return place.replaceChildren(title, element('p', 'No model is loaded.'));
    const columns = ['Model', 'Size', 'On the GPU', 'Context', 'Unloads'];
    return place.replaceChildren(title, makeTable(columns, loaded.map(loadedRow), `Models loaded on ${name}`));
  }

  /** @param {NonNullable<Host['sampler']>} sampler */
  #showSampler({ age, hz }) {
    const line = this.part('sampler');
    const isOld = age > MAX_READING_AGE_MS;
    const rate = hz === null ? '' : ` at ${hz} readings/s`;
    line.className = isOld ? 'notice flag' : 'soft small';
    setText(line, isOld ? oldReadingText(age) : `The last minute${rate}; the bands span minimum to maximum.`);
  }
}

/** @param {number} age Milliseconds. */
const oldReadingText = (age) =>
  `The last reading is ${asText(age, 'ms')} old. Check that the sampler of this machine runs.`;

/** @param {CurrentSession} session */
function sessionLines({ id, name, model, testType, sessionProgress }) {
  const [line, link] = [element('p', 'Running '), element('a', name ?? 'a session')];
  link.href = address(`sessions/${id}`);
  line.append(link, testType ? `: ${testType}, ${model}` : '');
  if (sessionProgress === null) return [line];
  const bar = Object.assign(element('progress'), {
    max: 100,
    value: sessionProgress,
    ariaLabel: 'Progress of the session',
  });
  return [line, bar];
}

/** @param {Host['queue']} queue */
function queueLines({ waiting, oldest }) {
  if (waiting === 0) return [];
  return [element('p', `${plural(waiting, 'session')} waiting, the first for ${asText(oldest, 'ms')}.`, 'soft')];
}

/** @param {LoadedModel} model */
function loadedRow({ name, size, sizeVram, context, expires }) {
  const onGpu = size && sizeVram !== null ? `${Math.round((100 * sizeVram) / size)} %` : '–';
  return [name, asText(size, 'bytes'), onGpu, asText(context, 'tokens'), timeElement(expires)];
}

/** @param {string | null} iso */
function timeElement(iso) {
  if (iso === null) return '–';
  const [whole, time] = [element('span'), element('time', iso)];
  time.dateTime = iso;
  whole.append(time);
  showLocalTimes(whole);
  return whole;
}
