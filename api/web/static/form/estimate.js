// How long the chosen session takes, and what is wrong with it, as one chooses.

import { ask } from '../lib/api.js';
import { asText } from '../lib/formatting.js';
import { clearProblems, showProblems } from './problems.js';

const WAIT_MS = 250;

/** `soon` asks when nothing was changed for a moment; `drop` forgets the question, and the answer to one that is under way. */
export function estimateOf(form, bodyOf) {
  let waiting;
  let question = 0;

  async function now() {
    const mine = question;
    const [text, error] = await estimated(bodyOf(form));
    if (mine !== question) return;
    form.querySelector('#estimate').textContent = text;
    if (error) showProblems(form, error);
    else clearProblems(form);
  }

  function drop() {
    question += 1;
    clearTimeout(waiting);
  }

  return { drop, soon: () => { drop(); waiting = setTimeout(now, WAIT_MS); } };
}

/** How long it takes, in words; or what is wrong with the body. */
async function estimated(body) {
  if (!body.models.length || !body.testTypes.length) return ['Choose at least one model and one test type.', null];
  try {
    return [inWords(await ask('POST', '/estimates', body)), null];
  } catch (error) {
    if (error.status === 403) return ['Your key is for reading alone: it can submit nothing.', null];
    return [Object.keys(error.details).length ? 'Something is not right yet: it is said beside its field.' : '', error];
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
