// Requests to the API, with the key if one was given.

/** @import { Details, ErrorAnswer } from '../../types/answers.js' */

import { authHeaders } from './key.js';
import { address } from './root.js';

const NO_ANSWER = 'Gait did not answer. Check that it is running.';

/** An answer that is not a success: its status, a message, and the errors by field. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 if there was no answer.
   * @param {string} message
   * @param {Details} [details]
   */
  constructor(status, message, details = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/**
 * Return an error if the API caused it; throw any other, which is a fault of the page.
 * @param {unknown} error
 */
export function asApiError(error) {
  if (error instanceof ApiError) return error;
  throw error;
}

/**
 * Send a request and return the JSON of its answer, null if the answer has none.
 * @param {string} method
 * @param {string} path Below `/api/v1`.
 * @param {object} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>} What the API answers there; the caller states its type.
 */
export async function request(method, path, body, headers = {}) {
  /** @type {Record<string, string>} */
  const content = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const options = { method, headers: { ...authHeaders(), ...content, ...headers }, body: JSON.stringify(body) };
  return json(await successful(address(`api/v1${path}`), options));
}

/**
 * Save the content of an address as a file.
 * @param {string} url
 * @param {string} name
 */
export async function download(url, name) {
  const answer = await successful(url, { headers: authHeaders() });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await whole(answer.blob()));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/**
 * Fetch the current page again, with the key, and return its status and its document.
 * @param {Record<string, string>} [more] Parameters that are added to its URL.
 */
export async function fetchPage(more = {}) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
  const answer = await fetch(url, { headers: authHeaders(), cache: 'no-store' });
  return { status: answer.status, page: new DOMParser().parseFromString(await answer.text(), 'text/html') };
}

/**
 * Return the status of an answer and its JSON, or null if Gait does not answer, or ends while it does.
 * @param {string} path
 * @returns {Promise<{ status: number, body: ErrorAnswer } | null>} The body is that of an error, if it is one.
 */
export async function answerOf(path) {
  const answer = await fetch(address(path), { headers: authHeaders(), cache: 'no-store' }).catch(() => null);
  const body = await answer?.json().catch(() => null);
  return answer && body ? { status: answer.status, body } : null;
}

/**
 * Return an answer that is a success, and throw any other as an ApiError.
 * @param {string} url
 * @param {RequestInit} options
 */
async function successful(url, options) {
  const answer = await fetch(url, options).catch(() => null);
  if (answer === null) throw new ApiError(0, NO_ANSWER);
  if (answer.ok) return answer;
  if (answer.status === 401) {
    throw new ApiError(401, 'Your key is no longer valid. Reload this page and enter another key.');
  }
  /** @type {ErrorAnswer | null} */
  const error = await json(answer);
  throw new ApiError(answer.status, error?.message ?? answer.statusText, error?.details);
}

/**
 * Return the body of an answer, and throw an ApiError if Gait ended while it sent it.
 * @template Body
 * @param {Promise<Body>} reading
 */
async function whole(reading) {
  const body = await reading.catch(() => null);
  if (body === null) throw new ApiError(0, NO_ANSWER);
  return body;
}

/** @param {Response} answer */
async function json(answer) {
  const text = await whole(answer.text());
  return text && answer.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : null;
}
