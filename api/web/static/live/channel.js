// A WebSocket that comes back: it says when it is cut off, tries again, and asks for what it missed.

import { askForAnotherKey, cutOff, isLocked, joined } from './connection.js';
import { subprotocols } from '../lib/key.js';
import { watchReadiness } from './readiness.js';

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
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1${path}?${query}`, subprotocols());
    let wasOpen = false;
    state.socket = socket;
    socket.onopen = () => { wasOpen = true; state.wait = FIRST_WAIT_MS; joined(path); };
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      state.last = message.seq ?? state.last;
      heard(message);
    };
    socket.onclose = async () => {
      if (isDone(socket)) return;
      cutOff(path, replay);
      if (!wasOpen && await isLocked()) return askForAnotherKey();
      if (!isDone(socket)) retry();
    };
  }

  function retry() {
    state.timer = setTimeout(connect, state.wait * (0.75 + Math.random() / 2)); // apart, where many come back at once
    state.wait = Math.min(2 * state.wait, LONGEST_WAIT_MS);
  }

  /** Whether nobody waits for this socket any more; another may have taken its place while it closed. */
  const isDone = (socket) => state.ended || resting() || socket !== state.socket;
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
    joined(path);
  }

  document.addEventListener('visibilitychange', onVisibility);
  watchReadiness();
  connect();
  return end;
}
