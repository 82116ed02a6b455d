// Each run of the test that is measured now as a dot, as it comes: by time, one colour for each model and point.

import { draw as drawFigure } from './figures.js';
import { pointText } from './numbers.js';
import { localMs } from './times.js';

/** Dots are added at once; `draw` shows those of the message's test type. */
export function ratesOf(figure, headlines) {
  const byType = new Map();
  const [plot, title] = [figure.querySelector('.plot'), figure.querySelector('figcaption')];
  let shown = null;

  function add({ testType, modelName, point, repetition, at, metrics }) {
    const value = metrics[headlines[testType]?.name];
    if (typeof value !== 'number') return;
    const traces = byType.get(testType) ?? byType.set(testType, new Map()).get(testType);
    const name = nameOf(modelName, point);
    const trace = traces.get(name) ?? traces.set(name, { name, look: 'dots', x: [], y: [], notes: [] }).get(name);
    trace.x.push(localMs(at));
    trace.y.push(value);
    trace.notes.push(`run ${repetition}`);
  }

  function draw({ testType }) {
    const traces = [...(byType.get(testType)?.values() ?? [])];
    const known = traces.map((trace) => trace.x.length).join();
    if (testType === null || shown === `${testType} ${known}`) return;
    shown = `${testType} ${known}`;
    figure.hidden = traces.length === 0;
    if (figure.hidden) return;
    const { label, unit, better } = headlines[testType];
    title.textContent = `Each run of ${testType}`;
    drawFigure(plot, {
      title: title.textContent, traces, marks: [], from_zero: true,
      x: { title: '', unit: '', scale: 'time', better: 'neither', ticks: '%H:%M:%S' }, y: { title: label, unit, scale: 'linear', better },
    });
  }
  return { add, draw };
}

const nameOf = (model, point) => [model, pointText(point)].filter(Boolean).join(', ');
