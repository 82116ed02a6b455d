// A WebSocket that comes back: it says when it is cut off, tries again, and asks for what it missed.

import { subprotocols } from './key.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;

/**
 * Call `heard` with each message of `path` behind the one of seq `after`, in order, each once. After a cut it connects
 * again with `after` the last message's seq. While the tab is hidden a channel of readings (`replay: false`) is closed, since nobody looks.
 * Returns a function that ends it.
 */
export function listen(path, heard, { replay = true, after = null, parameters = {} } = {}) {
  const state = { socket: null, last: after, ended: false, wait: FIRST_WAIT_MS, timer: null };

  function connect() {
    const query = new URLSearchParams(parameters);
    if (replay && state.last !== null) query.set('after', state.last);
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    state.socket = new WebSocket(`${scheme}://${location.host}/api/v1${path}?${query}`, subprotocols());
    state.socket.onopen = () => { state.wait = FIRST_WAIT_MS; connected(path, true); };
    state.socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      state.last = message.seq ?? state.last;
      heard(message);
    };
    state.socket.onclose = () => { if (!state.ended && !resting()) retry(); };
  }

  function retry() {
    connected(path, false, replay);
    state.timer = setTimeout(connect, state.wait * (0.75 + Math.random() / 2)); // apart, where many come back at once
    state.wait = Math.min(2 * state.wait, LONGEST_WAIT_MS);
  }

  const resting = () => !replay && document.hidden;

  function onVisibility() {
    clearTimeout(state.timer);
    if (resting()) state.socket?.close();
    else if (state.socket?.readyState > WebSocket.OPEN) connect();
  }

  function end() {
    state.ended = true;
    clearTimeout(state.timer);
    document.removeEventListener('visibilitychange', onVisibility);
    state.socket?.close();
    connected(path, true);
  }

  document.addEventListener('visibilitychange', onVisibility);
  connect();
  return end;
}

const cut = new Map(); // path -> whether what is missed comes again

/** Say on the page whether any channel is cut off. */
function connected(path, is, replay) {
  const line = document.getElementById('connection');
  if (is) cut.delete(path); else cut.set(path, replay);
  const missed = [...cut.values()].some(Boolean) ? '; nothing that happens meanwhile is missed' : '';
  const text = `The connection to Gait is lost. Trying again${missed}.`;
  if (cut.size > 0 && line.textContent !== text) line.textContent = text;
  line.hidden = cut.size === 0;
}
