// Each run of the test that is measured now as a dot, as it comes: by time, one colour for each model and point.

import { draw as drawFigure } from '../charts/charts.js';
import { pointText } from '../lib/formatting.js';
import { localMs } from '../lib/times.js';

const MOST_DOTS = 400; // of one colour
const EVERY_MS = 400;

/** Dots are added at once; `draw` shows those of the message's test type, not more often than can be followed. */
export function ratesOf(figure, headlines) {
  const byType = new Map();
  const [plot, title] = [figure.querySelector('.plot'), figure.querySelector('figcaption')];
  let shown = null;
  let drawnAt = -Infinity;
  let timer = null;
  let inSight = true;
  let last = null;

  function add({ testType, modelName, point, repetition, at, metrics }) {
    const value = metrics[headlines[testType]?.name];
    if (typeof value !== 'number') return;
    const traces = byType.get(testType) ?? byType.set(testType, new Map()).get(testType);
    const name = [modelName, pointText(point)].filter(Boolean).join(', ');
    const trace = traces.get(name) ?? traces.set(name, { name, model: modelName, look: 'dots', x: [], y: [], notes: [] }).get(name);
    trace.x.push(localMs(at));
    trace.y.push(value);
    trace.notes.push(`run ${repetition}`);
  }

  function draw(message) {
    const wait = drawnAt + EVERY_MS - performance.now();
    clearTimeout(timer);
    last = message;
    if (!inSight && !figure.hidden) return;
    if (wait > 0) timer = setTimeout(draw, wait, message);
    else show(message);
  }

  function show({ testType, modelName }) {
    const traces = beside(modelName, [...(byType.get(testType)?.values() ?? [])]);
    const what = `${testType} ${modelName} ${traces.map((trace) => trace.x.length).join()}`;
    if (testType === null || shown === what) return;
    shown = what;
    drawnAt = performance.now();
    figure.hidden = traces.length === 0;
    if (figure.hidden) return;
    const { label, unit, better } = headlines[testType];
    const most = Math.max(...traces.map((trace) => trace.x.length));
    title.textContent = most > MOST_DOTS ? `Runs of ${testType}: of every ${chunk(most)} the lowest and the highest` : `Each run of ${testType}`;
    drawFigure(plot, {
      title: title.textContent, traces: traces.map(extremes), marks: [], from_zero: true,
      x: { title: '', unit: '', scale: 'time', better: 'neither', ticks: '%H:%M:%S' }, y: { title: label, unit, scale: 'linear', better },
    });
  }
  new IntersectionObserver(([{ isIntersecting }]) => {
    inSight = isIntersecting;
    if (inSight && last) draw(last);
  }).observe(figure);
  return { add, draw };
}

/** The dots of a model, and those of models whose turns alternate with its own. */
function beside(model, traces) {
  const begun = Math.min(...traces.filter((trace) => trace.model === model).map((trace) => trace.x[0]));
  return traces.filter((trace) => trace.x.at(-1) >= begun);
}

const chunk = (count) => Math.ceil((2 * count) / MOST_DOTS);

/** Of many dots the lowest and the highest of each few, so that none that stands out is lost. */
function extremes(trace) {
  if (trace.x.length <= MOST_DOTS) return trace;
  const kept = [];
  const size = chunk(trace.x.length);
  for (let begin = 0; begin < trace.x.length; begin += size) {
    let [low, high] = [begin, begin];
    for (let index = begin; index < Math.min(begin + size, trace.x.length); index += 1) {
      if (trace.y[index] < trace.y[low]) low = index;
      if (trace.y[index] > trace.y[high]) high = index;
    }
    kept.push(...(low === high ? [low] : [Math.min(low, high), Math.max(low, high)]));
  }
  const of = (values) => kept.map((index) => values[index]);
  return { ...trace, x: of(trace.x), y: of(trace.y), notes: of(trace.notes) };
}
