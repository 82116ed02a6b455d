// The form of a new session: what is chosen becomes the body of POST /test-sessions, and an estimate, as one chooses.

import { ask, Refused } from '../lib/api.js';
import { element } from '../lib/dom.js';
import { estimateOf } from '../form/estimate.js';
import { givenKey } from '../lib/key.js';
import { showModels } from '../form/models.js';
import { showProblems } from '../form/problems.js';

export async function start(main) {
  const form = main.querySelector('#new-session');
  if (!form) return;
  const key = newKey();
  const estimate = estimateOf(form, bodyOf);
  const changed = () => {
    form.querySelector('#order').hidden = chosen(form, 'models').length < 2;
    main.querySelector('#curl').textContent = asCurl(bodyOf(form));
    estimate.soon();
  };
  form.addEventListener('input', ({ target }) => { chooseTypeOf(target); changed(); });
  form.addEventListener('submit', (event) => { event.preventDefault(); estimate.drop(); submit(form, key); });
  form.querySelector('[data-all]').onclick = () => { chooseTypes(form, () => true); changed(); };
  form.querySelector('[data-none]').onclick = () => { chooseTypes(form, () => false); changed(); };
  form.elements.host?.addEventListener('change', () => showModels(form).then(changed));
  await showModels(form);
  await again(form, new URLSearchParams(location.search).get('from'));
  changed();
}

const chosen = (form, name) => [...form.querySelectorAll(`[name=${name}]:checked`)].map((box) => box.value);

const chooseTypes = (form, wanted) => {
  for (const box of form.querySelectorAll('[name=testTypes]')) box.checked = wanted(box.value);
};

/** Who sets an option of a test type wants that type measured. */
function chooseTypeOf(field) {
  if ('option' in field.dataset && field.value.trim()) field.closest('[data-type]').querySelector('[name=testTypes]').checked = true;
}

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

async function submit(form, key) {
  const button = form.querySelector('button:not([type])');
  button.disabled = true;
  try {
    const told = await ask('POST', '/test-sessions', bodyOf(form), { 'Idempotency-Key': key.for(bodyOf(form)) });
    location.href = told.sessions.length > 1 ? '/' : `/sessions/${told.sessionId}`;
  } catch (error) {
    button.disabled = false;
    if (!(error instanceof Refused)) throw error;
    showProblems(form, error, { focus: true });
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

// As api/web/pages/session/repeat.py writes it: curl before 7.82 knows no --json. The key comes from the environment.
const asCurl = (body) => `curl -s ${location.origin}/api/v1/test-sessions${givenKey() === null ? '' : ' -H "X-API-Key: $GAIT_KEY"'} -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body, null, 1).replaceAll("'", "'\\''")}'`;

/** Choose what an earlier session measured. */
async function again(form, id) {
  if (!id) return;
  const session = await ask('GET', `/test-sessions/${encodeURIComponent(id)}`).catch((error) => notRead(form, error));
  if (!session) return;
  const tests = session.models[0]?.tests ?? [];
  await chooseHost(form, session.host);
  const gone = chooseModels(form, session.models.map((model) => model.name));
  if (gone.length) tell(form, `Not on this machine any more: ${gone.join(', ')}. Fetch it with ollama pull, or choose another.`);
  chooseTypes(form, (type) => tests.some((test) => test.type === type));
  for (const test of tests) {
    for (const [name, value] of Object.entries(test.options)) fill(form, test.type, name, value);
  }
  form.elements.name.value = session.name ?? '';
  form.elements.tags.value = session.tags.join(', ');
  form.elements.order.value = session.order;
}

/** Choose these alone. Those that are not there. */
function chooseModels(form, names) {
  const boxes = [...form.querySelectorAll('[name=models]')];
  for (const box of boxes) box.checked = names.includes(box.value);
  return names.filter((name) => !boxes.some((box) => box.value === name));
}

function notRead(form, error) {
  if (!(error instanceof Refused)) throw error;
  tell(form, `The session to begin with cannot be read: ${error.message}.`);
}

function tell(form, text) {
  const notice = element('p', text, 'notice flag');
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
