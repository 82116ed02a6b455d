// The form of a new session: what is chosen becomes the body of POST /test-sessions, and an estimate, as one chooses.

import { ask, Refused } from './api.js';
import { element } from './elements.js';
import { clearProblems, showProblems } from './problems.js';
import { asText } from './numbers.js';
import { showModels } from './models.js';

const WAIT_MS = 250;

export async function start(main) {
  const form = main.querySelector('#new-session');
  if (!form) return;
  const key = newKey();
  let waiting;
  const changed = () => {
    form.querySelector('#order').hidden = chosen(form, 'models').length < 2;
    main.querySelector('#curl').textContent = asCurl(bodyOf(form));
    clearTimeout(waiting);
    waiting = setTimeout(() => estimate(form), WAIT_MS);
  };
  form.addEventListener('input', changed);
  form.addEventListener('submit', (event) => { event.preventDefault(); submit(form, key); });
  form.querySelector('[data-all]').onclick = () => { chooseTypes(form, () => true); changed(); };
  form.querySelector('[data-none]').onclick = () => { chooseTypes(form, () => false); changed(); };
  form.querySelector('#copy').onclick = () => copy(main.querySelector('#curl'));
  form.elements.host?.addEventListener('change', () => showModels(form).then(changed));
  await showModels(form);
  await again(form, new URLSearchParams(location.search).get('from'));
  changed();
}

const chosen = (form, name) => [...form.querySelectorAll(`[name=${name}]:checked`)].map((box) => box.value);

const chooseTypes = (form, wanted) => {
  for (const box of form.querySelectorAll('[name=testTypes]')) box.checked = wanted(box.value);
};

/** The body as the API takes it, with what differs from the defaults alone. */
export function bodyOf(form) {
  const testTypes = chosen(form, 'testTypes');
  const options = Object.fromEntries(testTypes.map((type) => [type, optionsOf(form, type)]).filter(([, given]) => Object.keys(given).length));
  const tags = words(form.elements.tags.value);
  const host = form.elements.host?.value;
  const interleaved = form.elements.order.value !== 'sequential' && chosen(form, 'models').length > 1;
  return {
    models: chosen(form, 'models'),
    testTypes,
    ...(Object.keys(options).length && { options }),
    ...(host && { host }),
    ...(interleaved && { order: form.elements.order.value }),
    ...(form.elements.name.value.trim() && { name: form.elements.name.value.trim() }),
    ...(tags.length && { tags }),
  };
}

const words = (text) => text.split(',').map((word) => word.trim()).filter(Boolean);

function optionsOf(form, type) {
  const fields = form.querySelectorAll(`[data-type="${type}"] [data-option]`);
  const typed = [...fields].filter((field) => field.value.trim());
  return Object.fromEntries(typed.map((field) => [field.dataset.option, 'many' in field.dataset ? words(field.value).map(number) : number(field.value.trim())]));
}

// What is no number goes to the API as it is, whose words then stand beside the field.
const number = (text) => (/^-?\d+$/.test(text) ? Number(text) : text);

async function estimate(form) {
  const line = form.querySelector('#estimate');
  const body = bodyOf(form);
  clearProblems(form);
  if (!body.models.length || !body.testTypes.length) { line.textContent = 'Choose at least one model and one test type.'; return; }
  try {
    line.textContent = inWords(await ask('POST', '/estimates', body));
  } catch (error) {
    line.textContent = '';
    if (error.status === 403) line.textContent = 'Your key is for reading alone: it can submit nothing.';
    else showProblems(form, error);
  }
}

function inWords({ low, high, tests, rough, neverMeasured }) {
  const count = `${tests} test${tests === 1 ? '' : 's'}`;
  if (neverMeasured.length === tests) return `${count}. How long they take is not known: none of them was measured here before.`;
  const span = high - low < 0.1 * high ? `about ${duration(high)}` : `${duration(low)} to ${duration(high)}`;
  const missing = neverMeasured.length ? `, and ${neverMeasured.length} that ${neverMeasured.length === 1 ? 'was' : 'were'} never measured here` : '';
  return `${count}: ${span}${missing}, by tests of before${rough.length ? ', some with other options' : ''}.`;
}

const duration = (ms) => (ms >= 3600000 ? `${(ms / 3600000).toFixed(1)} h` : asText(ms, 'ms'));

async function submit(form, key) {
  const button = form.querySelector('button:not([type])');
  clearProblems(form);
  button.disabled = true;
  try {
    const told = await ask('POST', '/test-sessions', bodyOf(form), { 'Idempotency-Key': key.for(bodyOf(form)) });
    location.href = told.sessions.length > 1 ? '/' : `/sessions/${told.sessionId}`;
  } catch (error) {
    button.disabled = false;
    if (!(error instanceof Refused)) throw error;
    showProblems(form, error);
  }
}

/** One idempotency key for each body, so that a second click, or a try after a lost answer, submits nothing twice. */
function newKey() {
  const keys = new Map();
  return { for: (body) => {
    const text = JSON.stringify(body);
    if (!keys.has(text)) keys.set(text, [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
    return keys.get(text);
  } };
}

const asCurl = (body) => `curl ${location.origin}/api/v1/test-sessions \\\n  --json '${JSON.stringify(body, null, 1).replaceAll("'", "'\\''")}'`;

async function copy(block) {
  try {
    await navigator.clipboard.writeText(block.textContent);
  } catch { // no clipboard without HTTPS: select it, for the person to copy
    getSelection().selectAllChildren(block);
  }
}

/** Choose what an earlier session measured. */
async function again(form, id) {
  if (!id) return;
  const session = await ask('GET', `/test-sessions/${encodeURIComponent(id)}`).catch((error) => notRead(form, error));
  if (!session) return;
  const tests = session.models[0]?.tests ?? [];
  await chooseHost(form, session.host);
  for (const box of form.querySelectorAll('[name=models]')) box.checked = session.models.some((model) => model.name === box.value);
  chooseTypes(form, (type) => tests.some((test) => test.type === type));
  for (const test of tests) {
    for (const [name, value] of Object.entries(test.options)) fill(form, test.type, name, value);
  }
  form.elements.name.value = session.name ?? '';
  form.elements.tags.value = session.tags.join(', ');
  form.elements.order.value = session.order;
}

function notRead(form, error) {
  if (!(error instanceof Refused)) throw error;
  const notice = element('p', `The session to begin with cannot be read: ${error.message}.`, 'notice flag');
  notice.setAttribute('role', 'status');
  form.before(notice);
}

/** Another machine than the one that is chosen, if it is still one of ours. */
async function chooseHost(form, name) {
  const choice = form.elements.host;
  if (!choice || choice.value === name || ![...choice.options].some(({ value }) => value === name)) return;
  choice.value = name;
  await showModels(form);
}

function fill(form, type, name, value) {
  const field = form.querySelector(`[data-type="${type}"] [data-option="${name}"]`);
  const text = value === null ? '' : [value].flat().join(', ');
  if (field && text !== field.placeholder) field.value = text;
}
