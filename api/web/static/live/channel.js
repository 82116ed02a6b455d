// A WebSocket that reconnects by itself and requests the messages that it missed.

/** @import { Reason } from './blocked.js' */

import { subprotocols } from '../lib/key.js';
import { socketAddress } from '../lib/root.js';
import { reasonOf } from './blocked.js';
import { connected, disconnected, isKeyRejected, offerNewKey } from './connection.js';
import { watchReadiness } from './readiness.js';

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 5000;

/**
 * @typedef {object} Options
 * @property {boolean} [replay] Whether missed messages are requested; without, the channel is closed in a hidden tab.
 * @property {number | null} [after] The `seq` of the last message that is known already.
 * @property {Record<string, string | number>} [parameters] Of the address.
 */

/**
 * Call `onMessage` with each message of a path, in order, each once. Return a function that ends the subscription.
 * @template {{ seq: number }} Message
 * @param {string} path Below `/api/v1`.
 * @param {(message: Message) => void} onMessage
 * @param {Options} [options]
 */
export function subscribe(path, onMessage, options = {}) {
  watchReadiness();
  const channel = new Channel(path, onMessage, options);
  channel.connect();
  return () => channel.close();
}

/** @template {{ seq: number }} Message */
class Channel {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {number | undefined} */
  #timer;
  #wait = FIRST_WAIT_MS;
  #isEnded = false;
  #couldAnswer = false; // whether Gait answered after the last attempt, so that only the next one shows a block
  /** @type {Reason | null} */
  #reason = null;
  #lastSeq;
  #path;
  #onMessage;
  #replay;
  #parameters;
  #onVisibility = () => this.#visibilityChanged();

  /**
   * @param {string} path
   * @param {(message: Message) => void} onMessage
   * @param {Options} options
   */
  constructor(path, onMessage, { replay = true, after = null, parameters = {} }) {
    this.#path = path;
    this.#onMessage = onMessage;
    this.#replay = replay;
    this.#lastSeq = after;
    this.#parameters = parameters;
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  connect() {
    const socket = new WebSocket(this.#address(), subprotocols());
    let wasOpen = false;
    this.#socket = socket;
    socket.onopen = () => {
      wasOpen = true;
      this.#wait = FIRST_WAIT_MS;
      this.#reason = null;
      connected(this.#path);
    };
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => this.#closed(socket, wasOpen);
  }

  close() {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#socket?.close();
    connected(this.#path);
  }

  #address() {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(this.#parameters)) query.set(name, String(value));
    if (this.#replay && this.#lastSeq !== null) query.set('after', String(this.#lastSeq));
    return socketAddress(`api/v1${this.#path}?${query}`);
  }

  /** @param {Message} message */
  #receive(message) {
    this.#lastSeq = message.seq ?? this.#lastSeq;
    this.#onMessage(message);
  }

  /**
   * @param {WebSocket} socket
   * @param {boolean} wasOpen
   */
  async #closed(socket, wasOpen) {
    if (this.#isDone(socket)) return;
    disconnected(this.#path, this.#replay, this.#reason);
    if (!wasOpen && (await isKeyRejected())) {
      offerNewKey();
      return;
    }
    if (!wasOpen) await this.#findReason();
    if (this.#isDone(socket)) return;
    disconnected(this.#path, this.#replay, this.#reason);
    this.#reconnectLater();
  }

  /** Find out why the attempt failed. Gait may have started just after it, so one attempt proves nothing. */
  async #findReason() {
    const reason = await reasonOf(this.#path);
    this.#reason = this.#couldAnswer ? reason : null;
    this.#couldAnswer = reason !== null;
  }

  #reconnectLater() {
    const jitter = 0.75 + Math.random() / 2; // clients that were cut off together do not return together
    this.#timer = setTimeout(() => this.connect(), this.#wait * jitter);
    this.#wait = Math.min(2 * this.#wait, MAX_WAIT_MS);
  }

  /**
   * Return whether a socket is no longer needed; another may have replaced it while it closed.
   * @param {WebSocket} socket
   */
  #isDone(socket) {
    return this.#isEnded || this.#isPaused() || socket !== this.#socket;
  }

  #isPaused() {
    return !this.#replay && document.hidden;
  }

  #visibilityChanged() {
    clearTimeout(this.#timer);
    if (this.#isPaused()) this.#socket?.close();
    else if (this.#socket && this.#socket.readyState > WebSocket.OPEN) this.connect();
  }
}
