// The models of a machine as choices: size, quantisation, and which of them are in memory.

import { ask } from './api.js';
import { capitalised, element } from './elements.js';
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
    list.replaceChildren(...(models.length ? models.map((model) => choice(model, loaded.has(model.name), before)) : [element('p', 'This machine has no models yet: ollama pull llama3.2:3b', 'soft')]));
  } catch (error) {
    list.replaceChildren(element('p', capitalised(error.message), 'problem'));
  }
}

function choice(model, loaded, before) {
  const [label, box] = [element('label'), element('input')];
  Object.assign(box, { type: 'checkbox', name: 'models', value: model.name, checked: before.includes(model.name) });
  const about = element('p', [asText(model.size, 'bytes'), ...model.tags.slice(1)].join(' · '), 'hint');
  label.append(box, ` ${model.name} `);
  if (loaded) label.append(element('span', 'in memory', 'badge'));
  const whole = element('div', '', 'choice');
  whole.append(label, about);
  return whole;
}
