// The metrics of the last run.

/** @import { Headline } from '../../types/charts.js' */
/** @import { Metrics } from '../../types/messages.js' */

import { element } from '../lib/dom.js';
import { quantity } from '../lib/formatting.js';

/** @typedef {{ name: string, label: string, unit: string }} ShownMetric */

/**
 * Show the known metrics of a run in a list, the headline metric first. The list names the others.
 * @param {HTMLElement} list
 * @param {Metrics} metrics
 * @param {Headline | undefined} headline
 */
export function showLastRun(list, metrics, headline) {
  /** @type {ShownMetric[]} */
  const others = JSON.parse(list.dataset.metrics ?? '[]');
  const isListed = !headline || others.some(({ name }) => name === headline.name);
  const shown = isListed ? others : [headline, ...others.filter(({ name }) => !isCopy(name, headline.name, metrics))];
  const known = shown.flatMap((metric) => pair(metric, metrics[metric.name]));
  list.hidden = known.length === 0;
  list.replaceChildren(...known);
}

/**
 * Return whether a metric says the same as the headline metric: a rate under a general name.
 * @param {string} name
 * @param {string} headline
 * @param {Metrics} metrics
 */
const isCopy = (name, headline, metrics) => name === 'tokensPerSecond' && metrics[name] === metrics[headline];

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
