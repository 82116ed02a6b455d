// What the chart of the readings shows, or why it shows nothing, in a sentence.

import { asText } from '../lib/formatting.js';
import { isTouch } from './figure.js';

/** Of what `/telemetry` answered; `live` while the session runs. */
export function whatIsThere(data, live) {
  if (data.at.length === 0) return whyNothing(data, live);
  const span = asText(data.at.at(-1) - data.at[0], 'ms');
  const each = data.thinned ? `; band: least to most, line: mean of each ${asText(data.bucket, 'ms')}` : '';
  const closer = isTouch() ? '' : ' Drag over a part to look closer.';
  return `${span} of ${data.host} at ${data.hz ?? '–'} readings/s${each}.${closer}`;
}

function whyNothing(data, live) {
  if (live) return 'There are no readings yet: they begin when a worker takes the session up, if a sampler runs on the machine.';
  if (data.tests.length === 0) return 'This session never began, so there is nothing to show.';
  return `No sampler reported from ${data.host} while this session ran, so what the machine did is not known.`;
}
