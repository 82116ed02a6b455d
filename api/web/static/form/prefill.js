// The choices of an earlier session, filled into the form.

/** @import { OptionValue, SessionAnswer } from '../../types/answers.js' */

import { asApiError, request } from '../lib/api.js';
import { element, findAll } from '../lib/dom.js';
import { sentence } from '../lib/text.js';
import { boxes, field } from './body.js';
import { showRepetitions } from './effort.js';
import { showModels } from './models.js';

/**
 * Fill the form with what a link asks for: `?from=SESSION`, or `?host=&model=&testType=`, the last two any number of
 * times.
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} asked
 */
export async function prefill(form, asked) {
  const [earlier, host] = [asked.get('from'), asked.get('host')];
  const [models, types] = [asked.getAll('model').filter(Boolean), asked.getAll('testType')];
  if (earlier) await prefillFrom(form, earlier);
  if (host) await chooseHost(form, host);
  if (models.length) chooseModels(form, models);
  if (types.length) chooseTestTypes(form, types);
}

/**
 * Fill the form with what a session measured.
 * @param {HTMLFormElement} form
 * @param {string} id
 */
async function prefillFrom(form, id) {
  try {
    await choose(form, await request('GET', `/test-sessions/${encodeURIComponent(id)}`));
  } catch (error) {
    notify(form, `The earlier session could not be loaded. ${sentence(asApiError(error).message)}`);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {SessionAnswer} session
 */
async function choose(form, { host, models, name, tags, order, effort }) {
  const tests = models[0]?.tests ?? [];
  await chooseHost(form, host);
  chooseModels(
    form,
    models.map((model) => model.name),
  );
  chooseTestTypes(
    form,
    tests.map(({ type }) => type),
  );
  for (const box of boxes(form, 'effort')) box.checked = box.value === (effort ?? 'standard');
  showRepetitions(form);
  for (const { type, options } of tests) {
    for (const [option, value] of Object.entries(options)) setOption(form, type, option, value);
  }
  setField(form, 'name', name ?? '');
  setField(form, 'tags', tags.join(', '));
  setField(form, 'order', order);
}

/**
 * Check the boxes of these test types only.
 * @param {HTMLFormElement} form
 * @param {string[]} types
 */
export function chooseTestTypes(form, types) {
  for (const box of boxes(form, 'testTypes')) box.checked = types.includes(box.value);
}

/**
 * Check the boxes of these models only, and report those that are not installed.
 * @param {HTMLFormElement} form
 * @param {string[]} names
 */
function chooseModels(form, names) {
  const choices = boxes(form, 'models');
  for (const box of choices) box.checked = names.includes(box.value);
  const missing = names.filter((name) => !choices.some((box) => box.value === name));
  if (missing.length === 0) return;
  notify(
    form,
    `No longer installed on this machine: ${missing.join(', ')}. Fetch them with ollama pull, or choose others.`,
  );
}

/**
 * Choose a machine, if it is still configured.
 * @param {HTMLFormElement} form
 * @param {string} host
 */
async function chooseHost(form, host) {
  const wanted = boxes(form, 'host').find((box) => box.value === host);
  if (!wanted || wanted.checked) return;
  wanted.checked = true;
  await showModels(form);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} type
 * @param {string} option
 * @param {OptionValue} value
 */
function setOption(form, type, option, value) {
  const [input] = findAll(`[data-type="${type}"] [data-option="${option}"]`, HTMLInputElement, form);
  const text = value === null ? '' : [value].flat().join(', ');
  if (input && text !== input.placeholder) input.value = text;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} value
 */
function setField(form, name, value) {
  const found = field(form, name);
  if (found) found.value = value;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} text
 */
function notify(form, text) {
  form.before(Object.assign(element('p', text, 'notice flag'), { role: 'status' }));
}
