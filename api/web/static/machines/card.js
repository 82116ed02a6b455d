// How a machine stands, as `GET /hosts` tells it, in its card; and the models that are installed there.

import { element, sentence } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';
import { localTimes } from '../lib/times.js';

const OLD_MS = 5000;

/** Fill the card of a machine. */
export function showStanding(card, host) {
  if (!card) return;
  const part = (name) => card.querySelector(`[data-part="${name}"]`);
  const badge = part('reached');
  badge.className = `badge ${host.reachable ? 'completed' : 'error'}`;
  put(badge, host.reachable ? 'Ollama answers' : 'away');
  put(part('version'), host.version ? ` · Ollama ${host.version}` : '');
  const away = part('away');
  away.hidden = host.reachable;
  put(away, host.reachable ? '' : `${sentence(host.reason)} ${sentence(host.advice)}`);
  showWork(part('work'), host);
  showLoaded(part('loaded'), host);
  if (host.sampler) showSampler(part('sampler'), host.sampler);
}

function showSampler(line, { age, hz }) {
  const isOld = age > OLD_MS;
  line.className = isOld ? 'notice flag' : 'soft small';
  const often = hz === null ? '' : ` at ${hz} readings/s`;
  put(line, isOld ? `The last reading is ${asText(age, 'ms')} old: is the sampler of this machine running?` : `The last minute${often}; each band from least to most.`);
}

function showWork(place, { session, queue }) {
  const made = [];
  if (session) made.push(running(session), ...bar(session.sessionProgress));
  else made.push(element('p', 'No session runs.'));
  if (queue.waiting) {
    const waits = queue.waiting === 1 ? 'session waits' : 'sessions wait';
    const line = element('p', `${queue.waiting} ${waits}, the first for ${asText(queue.oldest, 'ms')}.`);
    line.className = 'soft';
    made.push(line);
  }
  const focused = place.contains(document.activeElement);
  place.replaceChildren(...made);
  if (focused) place.querySelector('a')?.focus();
}

function running({ id, name, model, testType }) {
  const line = element('p', 'Runs ');
  const link = element('a', name ?? 'a session');
  link.href = `/sessions/${id}`;
  line.append(link, testType ? `: ${testType}, ${model}` : '');
  return line;
}

function bar(progress) {
  if (progress === null) return [];
  const made = element('progress');
  Object.assign(made, { max: 100, value: progress });
  made.setAttribute('aria-label', 'Progress of the session');
  return [made];
}

function showLoaded(place, { name: host, loaded }) {
  if (loaded === null) return place.replaceChildren();
  const title = element('h3', 'In memory');
  if (loaded.length === 0) return place.replaceChildren(title, element('p', 'No model is loaded.'));
  const rows = loaded.map(({ name, size, sizeVram, context, expires }) => [
    name, asText(size, 'bytes'), size > 0 ? `${Math.round((100 * sizeVram) / size)} %` : '–', context === null ? '–' : `${context} tokens`, moment(expires),
  ]);
  place.replaceChildren(title, table(['Model', 'Size', 'On the GPU', 'Context', 'Leaves'], rows, `Models in memory of ${host}`));
}

/** The models that are installed, in the card's list. */
export function showModels(card, models) {
  const list = card.querySelector('[data-part="models"]');
  list.hidden = false;
  list.querySelector('summary').textContent = `Models installed (${models.length})`;
  const rows = models.map(({ name, size, tags, version }) => [name, asText(size, 'bytes'), tags.join(', '), version]);
  list.querySelector('.table').replaceWith(table(['Model', 'Size', 'What it is', 'Digest'], rows, list.querySelector('.table').getAttribute('aria-label')));
}

function table(columns, rows, label) {
  const [around, whole, head, body] = ['div', 'table', 'thead', 'tbody'].map((name) => element(name));
  around.className = 'table';
  Object.assign(around, { tabIndex: 0, role: 'region', ariaLabel: label });
  const top = element('tr');
  top.append(...columns.map((column) => Object.assign(element('th', column), { scope: 'col' })));
  head.append(top);
  body.append(...rows.map((cells) => {
    const row = element('tr');
    row.append(...cells.map((cell) => { const made = element('td'); made.append(cell); return made; }));
    return row;
  }));
  whole.append(head, body);
  around.append(whole);
  return around;
}

function moment(iso) {
  if (iso === null) return '–';
  const made = element('span');
  const time = element('time', iso);
  time.dateTime = iso;
  made.append(time);
  localTimes(made);
  return made;
}

const put = (place, text) => { if (place.textContent !== text) place.textContent = text; };
