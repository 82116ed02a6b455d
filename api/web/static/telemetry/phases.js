// The activity that the readings belong to: a colour for each phase, and a line where each test starts.

/** @import { Phase, Telemetry, TestSpan } from '../../types/answers.js' */
/** @import { PlotlyTrace } from '../../types/plotly.js' */
/** @import { Range } from './range.js' */

import { escaped } from '../charts/text.js';
import { element, svg } from '../lib/dom.js';
import { plotlyTime } from '../lib/times.js';

/** @type {Record<string, string>} */
const PHASES = { idle: 'idle before a test', load: 'load', prefill: 'prefill', decode: 'decode' };
const LETTER_PX = 7;
const PADDING_PX = 8;

/**
 * Return one filled trace for each phase, over the whole height.
 * @param {Telemetry} data
 * @param {Range} range
 * @returns {PlotlyTrace[]}
 */
export function phaseTraces(data, [from, to]) {
  const visible = data.phases.filter((phase) => phase.end >= from && phase.start <= to);
  return Object.keys(PHASES).flatMap((name) => {
    const spans = visible.filter(({ phase }) => phase === name);
    return spans.length ? [phaseTrace(name, spans)] : [];
  });
}

/**
 * @param {string} name
 * @param {Phase[]} spans
 * @returns {PlotlyTrace}
 */
function phaseTrace(name, spans) {
  const times = spans.map(({ start, end }) => [plotlyTime(start), plotlyTime(end)]);
  return {
    type: 'scatter',
    mode: 'none',
    uid: `phase-${name}`,
    fill: 'toself',
    x: times.flatMap(([left, right]) => [left, left, right, right, null]),
    y: times.flatMap(() => [0, 1, 1, 0, null]),
    xaxis: 'x',
    yaxis: 'y',
    hoverinfo: 'skip',
  };
}

/**
 * Return legend entries for the phases that occur.
 * @param {Phase[]} phases
 */
export function phaseLegend(phases) {
  const names = new Set(phases.map(({ phase }) => phase));
  return Object.entries(PHASES).flatMap(([name, text]) => {
    if (!names.has(name)) return [];
    const item = element('li');
    item.append(swatch(`phase-${name}`), text);
    return [item];
  });
}

/** @param {string} className */
const swatch = (className) =>
  svg(
    'svg',
    { width: 14, height: 14, 'aria-hidden': 'true' },
    svg('rect', { width: 14, height: 14, rx: 3, class: className }),
  );

/**
 * Return a line where each test starts, all in one trace, and the names of the tests that have room for them.
 * @param {Telemetry} data
 * @param {Range} range
 * @param {number} width Pixels.
 */
export function testMarks(data, [from, to], width) {
  const tests = data.tests
    .filter((test) => (test.end ?? to) >= from && test.start <= to)
    .sort((a, b) => a.start - b.start);
  const nameModels = new Set(data.tests.map((test) => test.modelName)).size > 1;
  const names = tests.flatMap((test, index) => {
    const start = Math.max(test.start, from);
    const room = (((tests[index + 1]?.start ?? to) - start) / (to - from)) * width;
    return nameMark(test, start, room, nameModels);
  });
  return { names, trace: startLines(tests.filter((test) => test.start >= from)) };
}

/**
 * @param {TestSpan[]} tests
 * @returns {PlotlyTrace}
 */
const startLines = (tests) => ({
  type: 'scatter',
  mode: 'lines',
  uid: 'tests',
  x: tests.flatMap(({ start }) => [plotlyTime(start), plotlyTime(start), null]),
  y: tests.flatMap(() => [0, 1, null]),
  xaxis: 'x',
  yaxis: 'y',
  line: { width: 1, dash: 'dot' },
  hoverinfo: 'skip',
});

/**
 * Return the longest name of a test that fits, as an annotation; none if none fits.
 * @param {TestSpan} test
 * @param {number} start
 * @param {number} room Pixels.
 * @param {boolean} nameModels
 */
function nameMark({ testType, modelName }, start, room, nameModels) {
  const names = nameModels ? [`${testType}, ${modelName}`, testType] : [testType];
  const text = names.find((name) => name.length * LETTER_PX + PADDING_PX < room);
  if (!text) return [];
  const position = { x: plotlyTime(start), y: 1, yref: 'paper', xanchor: 'left', yanchor: 'bottom' };
  return [{ ...position, showarrow: false, text: ` ${escaped(text)}`, font: { size: 12 } }];
}

/**
 * Return what ran at a time: the test, the phase, the run.
 * @param {Telemetry} data
 * @param {number} at
 */
export function activityAt(data, at) {
  const phase = data.phases.find(({ start, end }) => start <= at && at <= end);
  if (phase) {
    const run = phase.repetition === null ? [] : [`run ${phase.repetition}`];
    return [`${phase.testType}, ${phase.modelName}`, PHASES[phase.phase] ?? phase.phase, ...run];
  }
  const test = data.tests.find(({ start, end }) => start <= at && at <= (end ?? Infinity));
  return test ? [`${test.testType}, ${test.modelName}`] : [];
}
