// The sentence above the chart of the readings: what it shows, or why it is empty.

/** @import { Telemetry } from '../../types/answers.js' */

import { asText } from '../lib/formatting.js';
import { isTouch } from './figure.js';

/**
 * @param {Telemetry} data
 * @param {boolean} isRunning
 */
export function captionOf(data, isRunning) {
  const [first, last] = [data.at.at(0), data.at.at(-1)];
  if (first === undefined || last === undefined) return emptyCaption(data, isRunning);
  const bands = data.thinned ? `; band: minimum to maximum, line: mean of each ${asText(data.bucket, 'ms')}` : '';
  const hint = isTouch() ? '' : ' Drag over a part to zoom in.';
  return `${asText(last - first, 'ms')} of ${data.host} at ${data.hz ?? '–'} readings/s${bands}.${hint}`;
}

/**
 * @param {Telemetry} data
 * @param {boolean} isRunning
 */
function emptyCaption(data, isRunning) {
  if (isRunning) {
    return 'No readings yet. They start when a worker starts the session, if a sampler runs on the machine.';
  }
  if (data.tests.length === 0) return 'This session never started, so there are no readings.';
  return `No readings: no sampler reported from ${data.host} while this session ran.`;
}
