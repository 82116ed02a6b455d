// The panels' titles, and one crosshair through all of them that tells each line's value at the pointer.

import { element, shape } from '../lib/dom.js';
import { colourOf } from '../charts/traces.js';
import { onceAFrame } from '../lib/scheduling.js';
import { DASHED } from '../charts/legend.js';
import { asText } from '../lib/formatting.js';
import { EDGES } from './figure.js';

const WIDE_PX = 700;

/** `show` is called with each new figure; `told` with the moment (ms) under the pointer, null when it has left. */
export function readoutOf(frame, told) {
  const [plot, titles, line] = ['telemetry-plot', 'telemetry-titles', 'telemetry-crosshair'].map((id) => frame.querySelector(`#${id}`));
  const state = { data: null, span: null, values: [], x: null };
  const paint = onceAFrame(draw);

  function show(data, { panels, span, layout: { height } }) {
    Object.assign(state, { data, span, values: [] });
    titles.replaceChildren(...panels.map((panel) => titleOf(panel, state.values)));
    line.style.top = `${panels[0].titleTop}px`;
    line.style.height = `${height - panels[0].titleTop - EDGES.bottom}px`;
    if (state.x !== null) draw();
  }

  function draw() {
    const at = state.x === null ? null : momentOf(state.x);
    line.hidden = at === null;
    if (at !== null) line.style.transform = `translateX(${state.x}px)`;
    const index = at === null ? -1 : indexAt(state.data, at);
    for (const { place, channel } of state.values) place.textContent = index < 0 ? '' : textAt(channel, index, plot.clientWidth > WIDE_PX);
    told(at);
  }

  /** The moment at so many pixels from the frame's left edge; null beside the panels. */
  function momentOf(x) {
    const width = plot.clientWidth - EDGES.left - EDGES.right;
    const share = (x - EDGES.left) / width;
    return share < 0 || share > 1 ? null : state.span[0] + share * (state.span[1] - state.span[0]);
  }

  frame.addEventListener('pointermove', ({ clientX }) => {
    if (!state.data) return;
    state.x = clientX - frame.getBoundingClientRect().left;
    paint();
  });
  frame.addEventListener('pointerleave', () => { if (state.data) { state.x = null; paint(); } });
  return { show };
}

function titleOf({ title, unit, lines, titleTop, rows }, values) {
  const whole = element('div', '', rows ? 'panel-title rows' : 'panel-title');
  whole.style.top = `${titleTop}px`;
  whole.append(element('b', `${title} (${unit})`), ...lines.map(({ name: of, channel, look, dash }) => {
    const [item, place] = [element('span', '', 'of'), element('span', '', 'value')];
    values.push({ place, channel });
    item.append(swatch(colourOf(look), dash), `${of} `, place);
    return item;
  }));
  return whole;
}

const swatch = (colour, dash) => shape('svg', { width: 18, height: 4, class: `series-${colour}-line` }, shape('path', { d: 'M0 2H18', 'stroke-dasharray': DASHED[dash] }));

/** Which reading or bucket a moment belongs to: the last that is not after it. */
function indexAt({ at }, moment) {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] <= moment) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** A reading; of a bucket the mean and, where there is room and they differ, the least and the most. */
function textAt({ unit, mean, values, min, max }, index, isWide) {
  const [value, low, high] = [(mean ?? values)[index], min?.[index], max?.[index]].map((one) => asText(one, unit));
  return isWide && mean && low !== high ? `${value} (${low} – ${high})` : value;
}
