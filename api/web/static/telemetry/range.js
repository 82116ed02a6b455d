// The part of a session that the chart of its readings shows, in milliseconds since 1970.

/** @typedef {[from: number, to: number]} Range */

const MIN_LENGTH_MS = 200;

/**
 * Return a range of at least MIN_LENGTH_MS that lies within the session; null for the whole session.
 * @param {Range} range
 * @param {Range} session
 * @returns {Range | null}
 */
export function within([from, to], [start, end]) {
  const half = Math.max(to - from, MIN_LENGTH_MS) / 2;
  if (2 * half >= end - start) return null;
  const centre = Math.min(Math.max((from + to) / 2, start + half), end - half);
  return [centre - half, centre + half];
}

/**
 * Return the range that a button asks for; null for the whole session.
 * @param {string} button
 * @param {Range} range
 * @returns {Range | null}
 */
export function moved(button, [from, to]) {
  const length = to - from;
  switch (button) {
    case 'in':
      return [from + length / 4, to - length / 4];
    case 'out':
      return [from - length / 2, to + length / 2];
    case 'earlier':
      return [from - length / 2, to - length / 2];
    case 'later':
      return [from + length / 2, to + length / 2];
    default:
      return null;
  }
}
