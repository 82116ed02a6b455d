// A machine's readings of the last minute: each as a number with a small curve, from least to most.

import { element, shape } from '../lib/dom.js';
import { asText, quantity } from '../lib/formatting.js';

const SPAN_MS = 60000;
const [WIDTH, HEIGHT] = [120, 32];

/** Readings are added at once and shown by `draw`. */
export function gaugesOf(list) {
  const history = new Map(); // name -> {points: [{at, value, low, high}], unit, most, of, begins}
  let cores = null;
  let elements = new Map();

  function add(reading) {
    const at = Date.parse(reading.at);
    for (const { name, unit, most, of, begins, told } of quantities(reading)) {
      const value = told(reading);
      if (value === null || value === undefined) continue;
      const kept = history.get(name) ?? history.set(name, { points: [] }).get(name);
      Object.assign(kept, { unit, most, of, begins });
      kept.points.push({ at, value, low: told(reading.min) ?? value, high: told(reading.max) ?? value });
      while (kept.points[0].at < at - SPAN_MS) kept.points.shift();
    }
    cores = reading.cpu?.perCore ?? null;
  }

  function draw() {
    const names = [...history.keys(), ...(cores ? ['cores'] : [])];
    if (names.join() !== [...elements.keys()].join()) build(names);
    for (const [name, kept] of history) show(elements.get(name), kept);
    if (cores) showCores(elements.get('cores'), cores);
  }

  function build(names) {
    elements = new Map(names.map((name) => [name, name === 'cores' ? coresGauge(cores.length) : gauge(name)]));
    const several = [...history.values()].some(({ begins }) => begins);
    for (const [name, { whole }] of elements) whole.classList.toggle('begins', history.get(name)?.begins ?? several);
    list.replaceChildren(...[...elements.values()].map(({ whole }) => whole));
  }
  return { add, draw };
}

/** What a reading tells, in the order in which it is shown; `told` takes it out of a reading, or of its min or max. */
function quantities(reading) {
  const of = (part, name) => (one) => one?.[part]?.[name];
  const gpus = (reading.gpus ?? []).flatMap((gpu, place) => {
    const at = (name) => (one) => one?.gpus?.[place]?.[name];
    const several = reading.gpus.length > 1;
    const called = several ? `GPU ${gpu.index}` : 'GPU';
    return [
      { name: called, unit: '%', most: 100, begins: several, told: at('utilization') },
      { name: `${called} VRAM`, unit: 'bytes', most: gpu.memoryTotal, of: gpu.memoryTotal, told: at('memoryUsed') },
      { name: `${called} power`, unit: 'W', told: at('power') },
      { name: `${called} temperature`, unit: '°C', told: at('temperature') },
    ];
  });
  const total = reading.memory?.total;
  return [
    { name: 'CPU', unit: '%', most: 100, told: of('cpu', 'percent') },
    { name: 'Ollama on the CPU', unit: '%', most: 100, told: of('ollama', 'cpu') },
    { name: 'RAM', unit: 'bytes', most: total, of: total, told: of('memory', 'used') },
    { name: 'CPU temperature', unit: '°C', told: of('cpu', 'temperature') },
    ...gpus,
  ];
}

function gauge(name) {
  const [whole, term, value] = [element('div'), element('dt', name), element('dd')];
  const [between, line, ground] = ['between', 'line', 'ground'].map((name) => shape('path', { class: name }));
  ground.setAttribute('d', `M0 ${HEIGHT}H${WIDTH}`);
  const number = element('span');
  value.append(number, spark(ground, between, line));
  whole.append(term, value);
  return { name, whole, term, number, between, line };
}

function coresGauge(count) {
  const { whole, number, between, line } = gauge(`Busiest of ${count} threads`);
  between.remove();
  line.setAttribute('class', 'bars');
  return { whole, number, bars: line };
}

function showCores({ number, bars }, cores) {
  const known = cores.filter((percent) => percent !== null);
  number.replaceChildren(quantity(known.length ? Math.max(...known) : null, '%'));
  bars.setAttribute('d', barsOf(cores));
}

function show({ name, term, number, between, line }, { points, unit, most, of }) {
  const last = points.at(-1);
  number.replaceChildren(quantity(last.value, unit));
  const called = of ? `${name} of ${asText(of, unit)}` : name;
  if (term.textContent !== called) term.textContent = called;
  const top = most || Math.max(...points.map(({ high }) => high)) * 1.1 || 1;
  const x = ({ at }) => (WIDTH * (1 - (last.at - at) / SPAN_MS)).toFixed(1);
  const y = (value) => (HEIGHT * (1 - Math.min(value, top) / top)).toFixed(1);
  const along = (those, of) => those.map((point) => `${x(point)} ${y(point[of])}`).join('L');
  line.setAttribute('d', `M${along(points, 'value')}`);
  between.setAttribute('d', `M${along(points, 'high')}L${along([...points].reverse(), 'low')}Z`);
}

function barsOf(cores) {
  const step = WIDTH / cores.length;
  const width = Math.max(step * 0.7, 0.3).toFixed(2);
  return cores.map((percent, core) => (percent === null ? '' : `M${(core * step).toFixed(2)} ${HEIGHT}v${(-HEIGHT * percent / 100).toFixed(1)}h${width}V${HEIGHT}z`)).join('');
}

const spark = (...paths) => shape('svg', { class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...paths);
