// The metrics of the last run.

/** @import { Headline } from '../../types/charts.js' */
/** @import { Metrics } from '../../types/messages.js' */

import { element } from '../lib/dom.js';
import { quantity } from '../lib/formatting.js';

/** @typedef {{ name: string, label: string, unit: string }} ShownMetric */
/** @type {ShownMetric[]} */
const METRICS = [
  { name: 'tokensPerSecond', label: 'rate', unit: 'tokens/s' },
  { name: 'timeToFirstToken', label: 'TTFT', unit: 'ms' },
  { name: 'promptTokensPerSecond', label: 'prefill', unit: 'tokens/s' },
  { name: 'inferenceTime', label: 'request', unit: 'ms' },
];

/**
 * Show the known metrics of a run in a list, the headline metric first.
 * @param {HTMLElement} list
 * @param {Metrics} metrics
 * @param {Headline | undefined} headline
 */
export function showLastRun(list, metrics, headline) {
  const isListed = !headline || METRICS.some(({ name }) => name === headline.name);
  const known = [...(isListed ? [] : [headline]), ...METRICS].flatMap((metric) => pair(metric, metrics[metric.name]));
  list.hidden = known.length === 0;
  list.replaceChildren(...known);
}

/**
 * @param {ShownMetric} metric
 * @param {unknown} value
 */
function pair({ label, unit }, value) {
  if (typeof value !== 'number') return [];
  const [whole, term, shown] = [element('div'), element('dt', `last run: ${label}`), element('dd')];
  shown.append(quantity(value, unit));
  whole.append(term, shown);
  return [whole];
}
