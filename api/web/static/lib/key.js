// The key: kept in this tab alone, sent in a header or, on a WebSocket, in a subprotocol; never in an address.

const NAME = 'gait.key';

export const givenKey = () => sessionStorage.getItem(NAME);
export const giveKey = (key) => sessionStorage.setItem(NAME, key);

export const headers = () => (givenKey() === null ? {} : { 'X-API-Key': bytes(givenKey()) });

/** The subprotocols to offer. A browser cannot set headers on a WebSocket. */
export function subprotocols() {
  if (givenKey() === null) return ['gait'];
  const encoded = btoa(bytes(givenKey())).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return ['gait', `gait.key.${encoded}`];
}

/** This page as the server has it now, asked for with the key, and the answer's status. */
export async function askForPage() {
  const answer = await fetch(location.href, { headers: headers(), cache: 'no-store' });
  return { status: answer.status, page: new DOMParser().parseFromString(await answer.text(), 'text/html') };
}

// Each character one byte of the key in UTF-8: what both headers and btoa take.
const bytes = (key) => String.fromCharCode(...new TextEncoder().encode(key));
