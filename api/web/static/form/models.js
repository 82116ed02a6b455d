// The models of a machine as choices: size, quantisation, and which of them are in memory.

import { announce } from '../lib/announce.js';
import { ask } from '../lib/api.js';
import { element, sentence } from '../lib/dom.js';
import { asText } from '../lib/formatting.js';

const MANY = 12; // so many fit a window

/** Show what the chosen machine has; what was chosen before and is there too stays chosen. */
export async function showModels(form) {
  const list = form.querySelector('#models');
  const host = form.elements.host?.value;
  const one = host && !['any', 'all'].includes(host) ? host : null;
  const before = [...list.querySelectorAll(':checked:not([data-alone])')].map((box) => box.value);
  try {
    const [{ models }, { hosts }] = await Promise.all([ask('GET', `/models${one ? `?host=${encodeURIComponent(one)}` : ''}`), ask('GET', '/hosts')]);
    const loaded = new Set(hosts.filter(({ name }) => !one || name === one).flatMap((entry) => entry.loaded ?? []).map((model) => model.name));
    list.replaceChildren(...(models.length ? models.map((model) => choice(model, loaded.has(model.name), before)) : [element('p', 'This machine has no models yet. Fetch one there: ollama pull llama3.2:3b', 'soft'), askAgain(form)]));
  } catch (error) {
    list.replaceChildren(element('p', sentence(error.message), 'problem'), askAgain(form));
  }
  chooseTheOnly(list);
  const found = list.querySelectorAll('.choice').length;
  announce(found ? `${found} model${found === 1 ? '' : 's'} to choose from` : list.textContent);
  narrowing(form, list);
}

/** Where there is no choice; on another machine that was not the person's. */
function chooseTheOnly(list) {
  const boxes = list.querySelectorAll('[name=models]');
  if (boxes.length !== 1 || boxes[0].checked) return;
  boxes[0].checked = true;
  boxes[0].dataset.alone = '';
}

/** What was filled in stays, which it would not if the page were loaded again. */
function askAgain(form) {
  const button = element('button', 'Ask again', 'quiet');
  button.type = 'button';
  button.onclick = async () => {
    button.disabled = true;
    await showModels(form);
    form.querySelector('#models').querySelector('input, button')?.focus();
    form.dispatchEvent(new Event('input'));
  };
  return button;
}

/** Above many models a field that leaves those alone which it matches, and those that are chosen. */
function narrowing(form, list) {
  const field = form.querySelector('#find-model');
  const find = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    for (const one of list.querySelectorAll('.choice')) {
      const text = one.textContent.toLowerCase();
      one.hidden = !one.querySelector(':checked') && !words.every((word) => text.includes(word));
    }
  };
  field.closest('p').hidden = list.querySelectorAll('.choice').length <= MANY;
  field.oninput = (event) => { event.stopPropagation(); find(); };
  field.onkeydown = (event) => { if (event.key === 'Enter') event.preventDefault(); };
  find();
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
