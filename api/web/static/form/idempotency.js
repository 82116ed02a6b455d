// Idempotency keys: a second click, or a retry after a lost answer, submits a session once.

/** @type {Map<string, string>} */
const keys = new Map();

/**
 * Return the key of a body, the same for equal bodies while the page is open.
 * @param {object} body
 */
export function idempotencyKey(body) {
  const text = JSON.stringify(body);
  const key = keys.get(text) ?? randomKey();
  keys.set(text, key);
  return key;
}

/** Return 16 random bytes in hexadecimal; crypto.randomUUID needs HTTPS. */
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
