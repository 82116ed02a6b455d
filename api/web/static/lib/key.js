// The API key: kept in this tab only, and sent in a header or in a WebSocket subprotocol, never in an address.

const NAME = 'gait.key';

export const storedKey = () => sessionStorage.getItem(NAME);

/** @param {string} key */
export const storeKey = (key) => sessionStorage.setItem(NAME, key);

/**
 * Return the header that carries the key, if there is one.
 * @returns {Record<string, string>}
 */
export function authHeaders() {
  const key = storedKey();
  return key === null ? {} : { 'X-API-Key': utf8(key) };
}

/** Return the subprotocols to offer: a browser cannot set headers on a WebSocket. */
export function subprotocols() {
  const key = storedKey();
  if (key === null) return ['gait'];
  const encoded = btoa(utf8(key)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return ['gait', `gait.key.${encoded}`];
}

/**
 * Return a string with one character for each byte in UTF-8, which both headers and btoa accept.
 * @param {string} text
 */
const utf8 = (text) => String.fromCharCode(...new TextEncoder().encode(text));
