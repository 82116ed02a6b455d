// The models of a machine as choices: size, quantisation, and which of them are in memory.

import { ask } from './api.js';
import { asText } from './numbers.js';

/** Show what the chosen machine has; what was chosen before and is there too stays chosen. */
export async function showModels(form) {
  const list = form.querySelector('#models');
  const host = form.elements.host?.value;
  const one = host && !['any', 'all'].includes(host) ? host : null;
  const before = [...list.querySelectorAll(':checked')].map((box) => box.value);
  try {
    const [{ models }, { hosts }] = await Promise.all([ask('GET', `/models${one ? `?host=${encodeURIComponent(one)}` : ''}`), ask('GET', '/hosts')]);
    const loaded = new Set(hosts.filter(({ name }) => !one || name === one).flatMap((entry) => entry.loaded ?? []).map((model) => model.name));
    list.replaceChildren(...(models.length ? models.map((model) => choice(model, loaded.has(model.name), before)) : [words('This machine has no models yet: ollama pull llama3.2:3b')]));
  } catch (error) {
    list.replaceChildren(words(`${error.message[0].toUpperCase()}${error.message.slice(1)}`, 'problem'));
  }
}

function choice(model, loaded, before) {
  const label = document.createElement('label');
  const box = document.createElement('input');
  Object.assign(box, { type: 'checkbox', name: 'models', value: model.name, checked: before.includes(model.name) });
  const about = words([asText(model.size, 'bytes'), ...model.tags.slice(1)].join(' · '), 'hint');
  label.append(box, ` ${model.name} `);
  if (loaded) label.append(badge('in memory'));
  const whole = document.createElement('div');
  whole.className = 'choice';
  whole.append(label, about);
  return whole;
}

function badge(text) {
  const element = document.createElement('span');
  element.className = 'badge';
  element.textContent = text;
  return element;
}

function words(text, name = 'soft') {
  const line = document.createElement('p');
  line.className = name;
  line.textContent = text;
  return line;
}
