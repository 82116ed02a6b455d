// What the machine was asked to do, beneath its readings: a colour for each phase, and the tests by name.

import { element, shape } from '../lib/dom.js';
import { escaped } from '../charts/traces.js';
import { localMs } from '../lib/times.js';

const WORDS = { idle: 'idle before a test', load: 'load', prefill: 'prefill', decode: 'decode' };

/** One filled trace for each phase, over the whole height. */
export function phaseTraces(data, [from, to]) {
  const inside = data.phases.filter((phase) => phase.end >= from && phase.start <= to);
  return Object.keys(WORDS).map((phase) => {
    const [x, y] = [[], []];
    for (const { start, end } of inside.filter((one) => one.phase === phase)) {
      const [left, right] = [localMs(start), localMs(end)];
      x.push(left, left, right, right, null);
      y.push(0, 1, 1, 0, null);
    }
    return { type: 'scatter', mode: 'none', uid: `phase-${phase}`, fill: 'toself', x, y, xaxis: 'x', yaxis: 'y', hoverinfo: 'skip' };
  }).filter((trace) => trace.x.length > 0);
}

/** A legend of the phases that there are. */
export function phaseColours(phases) {
  const there = new Set(phases.map((phase) => phase.phase));
  return Object.keys(WORDS).filter((phase) => there.has(phase)).map((phase) => {
    const item = element('li');
    item.append(swatch(`phase-${phase}`), WORDS[phase]);
    return item;
  });
}

const swatch = (phase) => shape('svg', { width: 14, height: 14, 'aria-hidden': 'true' }, shape('rect', { width: 14, height: 14, rx: 3, class: phase }));

/** {trace, names}: a line where each test begins, all in one trace, and the test's name where there is room for it. */
export function testMarks(data, [from, to], width) {
  const pixels = (at) => ((at - from) / (to - from)) * width;
  const several = new Set(data.tests.map((test) => test.modelName)).size > 1;
  const begun = data.tests.filter((test) => (test.end ?? to) >= from && test.start <= to).sort((a, b) => a.start - b.start);
  const [x, y, marked] = [[], [], []];
  begun.forEach((test, index) => {
    const start = Math.max(test.start, from);
    const room = pixels(begun[index + 1]?.start ?? to) - pixels(start);
    const names = several ? [`${test.testType}, ${test.modelName}`, test.testType] : [test.testType];
    const text = names.find((name) => name.length * 7 + 8 < room);
    if (test.start >= from) {
      x.push(localMs(start), localMs(start), null);
      y.push(0, 1, null);
    }
    if (text) marked.push({ x: localMs(start), y: 1, yref: 'paper', xanchor: 'left', yanchor: 'bottom', showarrow: false, text: ` ${escaped(text)}`, font: { size: 12 } });
  });
  return { names: marked, trace: { type: 'scatter', mode: 'lines', uid: 'tests', x, y, xaxis: 'x', yaxis: 'y', line: { width: 1, dash: 'dot' }, hoverinfo: 'skip' } };
}

/** What ran at a moment, in words: the test, the phase, the run. */
export function momentAt(data, at) {
  const phase = data.phases.find((one) => one.start <= at && at <= one.end);
  if (phase) return [`${phase.testType}, ${phase.modelName}`, WORDS[phase.phase] ?? phase.phase, ...(phase.repetition === null ? [] : [`run ${phase.repetition}`])];
  const test = data.tests.find((one) => one.start <= at && at <= (one.end ?? Infinity));
  return test ? [`${test.testType}, ${test.modelName}`] : [];
}
