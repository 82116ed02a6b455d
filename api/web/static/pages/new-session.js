// The form of a new session: the choices become the body of `POST /test-sessions`, and an estimate on the way.

/** @import { Submitted } from '../../types/answers.js' */

import { bodyOf, boxes, checkedValues, curlCommand } from '../form/body.js';
import { showRepetitions } from '../form/effort.js';
import { EstimateLine } from '../form/estimate.js';
import { idempotencyKey } from '../form/idempotency.js';
import { showLacking, showLackingMachines } from '../form/lacking.js';
import { showModels } from '../form/models.js';
import { chooseTestTypes, prefill } from '../form/prefill.js';
import { choosePreset, listenToPresets, markPreset, PresetDurations } from '../form/presets.js';
import { showProblems } from '../form/problems.js';
import { asApiError, request } from '../lib/api.js';
import { find, findAll } from '../lib/dom.js';
import { address } from '../lib/root.js';

/** @param {HTMLElement} main */
export async function start(main) {
  const [form] = findAll('#new-session', HTMLFormElement, main);
  if (!form) return;
  const [estimate, durations] = [new EstimateLine(form), new PresetDurations(form)];
  const changed = () => {
    showConsequences(form, main);
    estimate.updateSoon();
    durations.update();
  };
  listen(form, changed);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    estimate.cancel();
    submit(form);
  });
  await showModels(form);
  await fill(form, new URLSearchParams(location.search));
  changed();
}

/**
 * Fill the form with what a link asks for.
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} asked
 */
function fill(form, asked) {
  choosePreset(form, asked.get('preset'));
  return prefill(form, asked);
}

/**
 * Show what follows from the choices.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} main
 */
function showConsequences(form, main) {
  showRepetitions(form);
  markPreset(form);
  showLacking(form);
  showLackingMachines(form);
  find('#order', HTMLElement, form).hidden = checkedValues(form, 'models').length < 2;
  find('#curl', HTMLElement, main).textContent = curlCommand(bodyOf(form));
}

/**
 * @param {HTMLFormElement} form
 * @param {() => void} changed
 */
function listen(form, changed) {
  const allTypes = boxes(form, 'testTypes').map((box) => box.value);
  /** @type {(types: string[]) => () => void} */
  const chooser = (types) => () => {
    chooseTestTypes(form, types);
    changed();
  };
  find('[data-all]', HTMLButtonElement, form).onclick = chooser(allTypes);
  find('[data-none]', HTMLButtonElement, form).onclick = chooser([]);
  listenToModels(form, changed);
  listenToPresets(form, changed);
  for (const box of boxes(form, 'host')) box.addEventListener('change', () => showModels(form).then(changed));
  form.addEventListener('input', ({ target }) => {
    if (target instanceof HTMLInputElement) chooseTypeOf(target);
    changed();
  });
}

/**
 * Let the buttons choose all models that are shown, or none.
 * @param {HTMLFormElement} form
 * @param {() => void} changed
 */
function listenToModels(form, changed) {
  /** @type {(checked: boolean) => () => void} */
  const chooser = (checked) => () => {
    for (const box of boxes(form, 'models')) box.checked = checked && !box.closest('[hidden]');
    changed();
  };
  find('[data-all-models]', HTMLButtonElement, form).onclick = chooser(true);
  find('[data-no-models]', HTMLButtonElement, form).onclick = chooser(false);
}

/**
 * Choose the test type of an option that was entered.
 * @param {HTMLInputElement} input
 */
function chooseTypeOf(input) {
  const choice = input.closest('[data-type]');
  if (!choice || !('option' in input.dataset) || !input.value.trim()) return;
  for (const box of boxes(choice, 'testTypes')) box.checked = true;
}

/** @param {HTMLFormElement} form */
async function submit(form) {
  const button = find('button:not([type])', HTMLButtonElement, form);
  const body = bodyOf(form);
  button.disabled = true;
  try {
    /** @type {Submitted} */
    const { sessionId, sessions } = await request('POST', '/test-sessions', body, {
      'Idempotency-Key': idempotencyKey(body),
    });
    location.href = address(sessions.length > 1 ? '' : `sessions/${sessionId}`);
  } catch (error) {
    button.disabled = false;
    showProblems(form, asApiError(error), { focus: true });
  }
}
