// Fewer dots for many runs: the lowest and the highest of each group, so that no outlier is lost.

export const MAX_DOTS = 400; // in one colour

/**
 * Return how many of `count` runs share two dots.
 * @param {number} count
 */
export const groupSize = (count) => Math.ceil((2 * count) / MAX_DOTS);

/**
 * Return a trace of at most MAX_DOTS runs.
 * @template {{ x: number[], y: number[], notes: string[] }} Runs
 * @param {Runs} trace
 * @returns {Runs}
 */
export function thinned(trace) {
  if (trace.y.length <= MAX_DOTS) return trace;
  const size = groupSize(trace.y.length);
  /** @type {number[]} */
  const kept = [];
  for (let begin = 0; begin < trace.y.length; begin += size) kept.push(...extremes(trace.y, begin, begin + size));
  /** @type {<T>(values: T[]) => T[]} */
  const picked = (values) => kept.map((index) => values[index]);
  return { ...trace, x: picked(trace.x), y: picked(trace.y), notes: picked(trace.notes) };
}

/**
 * Return the indices of the lowest and the highest value, in order.
 * @param {number[]} values
 * @param {number} begin
 * @param {number} end
 */
function extremes(values, begin, end) {
  let [low, high] = [begin, begin];
  for (let index = begin; index < Math.min(end, values.length); index += 1) {
    if (values[index] < values[low]) low = index;
    if (values[index] > values[high]) high = index;
  }
  return low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
}
