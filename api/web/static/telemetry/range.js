// Which part of a session the chart of its readings shows, as [from, to] in ms since 1970.

const LEAST_MS = 200;

/** A window of at least LEAST_MS that lies within the session; null for all of it. */
export function within([from, to], [first, last]) {
  const middle = (from + to) / 2;
  const half = Math.max(to - from, LEAST_MS) / 2;
  if (2 * half >= last - first) return null;
  const centre = Math.min(Math.max(middle, first + half), last - half);
  return [centre - half, centre + half];
}

/** The window that a button asks for. */
export function moved(how, [from, to]) {
  const length = to - from;
  return { whole: null, in: [from + length / 4, to - length / 4], out: [from - length / 2, to + length / 2], earlier: [from - length / 2, to - length / 2], later: [from + length / 2, to + length / 2] }[how];
}
