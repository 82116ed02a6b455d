// Asking the API, with the key where there is one.

import { headers } from './key.js';

const BASE = '/api/v1';

/** An answer that is no success: its status, a sentence, and what is wrong by field. */
export class Refused extends Error {
  constructor(status, message, details = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** The JSON that the API answers; null where it answers without any. */
export async function ask(method, path, body, further = {}) {
  const content = body === undefined ? {} : { 'Content-Type': 'application/json' };
  return json(await answered(BASE + path, { method, headers: { ...headers(), ...content, ...further }, body: JSON.stringify(body) }));
}

/** Save what an address answers as a file. */
export async function download(url, name) {
  const answer = await answered(url, { headers: headers() });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** An answer that is a success; every other is thrown as a Refused. */
async function answered(url, options) {
  const answer = await fetch(url, options).catch(() => { throw new Refused(0, 'Gait does not answer. Is it running?'); });
  if (answer.ok) return answer;
  if (answer.status === 401) throw new Refused(401, 'Your key is not known to Gait any more: load this page again, and give another.');
  const told = await json(answer);
  throw new Refused(answer.status, told?.message ?? answer.statusText, told?.details);
}

async function json(answer) {
  const text = await answer.text();
  return text && answer.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : null;
}
