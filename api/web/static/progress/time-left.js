// The time that a session still takes if the rest goes at the same pace.

/** @import { TestMessage } from '../../types/messages.js' */

const MIN_DURATION_MS = 20_000;
const MIN_PROGRESS = 3; // percent

export class TimeLeft {
  /** @type {{ at: number, progress: number } | null} */
  #first = null;
  #last = { at: 0, progress: 0 };

  /**
   * Note the progress of the session, by the message's own time.
   * @param {TestMessage} message
   */
  add({ phase, at, session }) {
    if (phase === 'queued') return;
    this.#last = { at: Date.parse(at), progress: session.progress };
    this.#first ??= this.#last;
  }

  /** Return a sentence; nothing while too little is known. */
  text() {
    if (!this.#first) return '';
    const duration = this.#last.at - this.#first.at;
    const done = this.#last.progress - this.#first.progress;
    if (duration < MIN_DURATION_MS || done < MIN_PROGRESS) return '';
    return `About ${durationText((duration * (100 - this.#last.progress)) / done)} left at this pace.`;
  }
}

/** @param {number} ms */
function durationText(ms) {
  const minutes = ms / 60_000;
  if (minutes < 1) return 'a minute';
  return minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}
