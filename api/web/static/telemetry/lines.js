// The lines of a panel, with a band from the minimum to the maximum of each bucket.

/** @import { Channel } from '../../types/answers.js' */
/** @import { PlotlyTrace } from '../../types/plotly.js' */
/** @import { Panel } from './panels.js' */

import { colourOf } from '../charts/series.js';
import { divided } from '../lib/formatting.js';
import { means } from './panels.js';

/**
 * @param {Panel} panel
 * @param {number} number The number of the panel.
 * @param {number[]} x
 * @returns {PlotlyTrace[]}
 */
export function lineTraces({ lines, factor }, number, x) {
  const axes = { xaxis: 'x', yaxis: `y${number + 2}` };
  return lines.flatMap(({ channel, series, dash }, index) => {
    const uid = `series-${colourOf(series)}-${number}-${index}`;
    const shared = { type: /** @type {const} */ ('scatter'), mode: 'lines', ...axes, hoverinfo: 'skip' };
    const y = divided(means(channel), factor);
    const line = { ...shared, uid, x, y, connectgaps: false, line: { width: 1.5, dash } };
    return channel.mean
      ? [
          { ...shared, ...bandOutline(channel, factor, x), uid: `band-${uid}`, fill: 'toself', line: { width: 0.5 } },
          line,
        ]
      : [line];
  });
}

/**
 * Return the outline of the band: one closed shape for each stretch without gaps.
 * @param {Channel} channel
 * @param {number} factor
 * @param {number[]} times
 */
function bandOutline({ min = [], max = [] }, factor, times) {
  /** @type {{ x: (number | null)[], y: (number | null)[] }} */
  const outline = { x: [], y: [] };
  for (const [begin, end] of stretches(min)) {
    const [low, high] = [divided(min.slice(begin, end), factor), divided(max.slice(begin, end), factor)];
    const x = times.slice(begin, end);
    outline.x.push(...x, ...x.toReversed(), null);
    outline.y.push(...high, ...low.toReversed(), null);
  }
  return outline;
}

/**
 * Return where the stretches of known values begin and end.
 * @param {(number | null)[]} values
 * @returns {[number, number][]}
 */
function stretches(values) {
  /** @type {[number, number][]} */
  const found = [];
  let begin = 0;
  for (let index = 0; index <= values.length; index += 1) {
    if (index < values.length && values[index] !== null) continue;
    if (index > begin) found.push([begin, index]);
    begin = index + 1;
  }
  return found;
}
