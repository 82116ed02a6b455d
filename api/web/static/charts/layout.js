// A figure's axes, marks and margins for plotly. Margins are worked out here: plotly would draw all, look, and draw again.

import { axisUnit, escaped } from './traces.js';

const TOP_PX = 32;
const SIDE_PX = 56;
const RIGHT_PX = 16;
const TICKS_PX = 24;
const DATES_PX = 42;
const TITLE_PX = 24;
const TICK_PX = 90;
const NARROW_PX = 480; // two axes' titles have no room for more beside each other
const LINE_PX = 17;
const FONT = { family: 'inherit', size: 13 };

export const CONFIG = { displayModeBar: false, showTips: false };

/** The layout that all charts share. */
export const baseLayout = () => ({ font: FONT, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', hovermode: 'closest', hoverlabel: { font: FONT }, showlegend: false });

/** The look that all axes share. */
export const baseAxis = () => ({ automargin: false, fixedrange: true, ticklabeloverflow: 'allow', linecolor: '#888' });

const BETTER = { higher: 'higher is better', lower: 'lower is better', neither: '' };
const TYPES = { time: 'date', category: 'category', log: 'log', linear: 'linear' };

/** Plotly's layout of a figure that is so large, in pixels. */
export function layout(figure, width, height) {
  const right = figure.y2 ? SIDE_PX : RIGHT_PX;
  const axis = ticks(figure, width - SIDE_PX - right);
  const title = figure.x.names?.length ? '' : [figure.x.title, figure.x.unit && `(${figure.x.unit})`].filter(Boolean).join(' ');
  return {
    ...baseLayout(), width, height,
    margin: { l: SIDE_PX, r: right, t: TOP_PX, b: (axis.room ?? TICKS_PX) + (title ? TITLE_PX : 4) },
    xaxis: { ...baseAxis(), title: { text: title, standoff: 6, font: { size: 12 } }, type: TYPES[figure.x.scale], ...axis.drawn },
    yaxis: { ...baseAxis(), rangemode: figure.from_zero ? 'tozero' : 'normal' },
    ...(figure.y2 ? { yaxis2: { ...baseAxis(), overlaying: 'y', side: 'right', showgrid: false, tickmode: 'auto' } } : {}),
    shapes: figure.marks.map((mark) => ({ type: 'line', x0: mark.at, x1: mark.at, yref: 'paper', y0: 0, y1: 1, line: { width: 1.5, dash: 'dot' } })),
    annotations: [aboveTheAxis(titled(figure, figure.y, width), 'left'), ...(figure.y2 ? [aboveTheAxis(titled(figure, figure.y2, width), 'right')] : []), ...figure.marks.map((mark, number) => named(figure, mark, number))],
    bargap: 0.3,
  };
}

function titled(figure, axis, width) {
  const { unit } = axisUnit(figure, axis);
  const better = figure.y2 && width < NARROW_PX ? '' : BETTER[axis.better];
  return [axis.title, unit && `(${unit})`, better && `· ${better}`].filter(Boolean).join(' ');
}

/** {drawn, room}: the x axis's ticks, and how high they are where that is not as usual. */
function ticks(figure, width) {
  if (figure.x.names?.length) return lanes(figure.x.names, width);
  if (figure.x.scale === 'category') return lanes([...new Set(figure.traces.flatMap((trace) => trace.x))].map((name, place) => [place, name]), width);
  if (figure.x.scale === 'log') return { drawn: { tickvals: places(figure), ticktext: places(figure).map(String) } };
  const even = { tickformat: figure.x.ticks, nticks: Math.max(2, Math.floor(width / TICK_PX)), tickangle: 0 };
  return figure.x.scale === 'time' ? { drawn: { ...even, ticklabeloverflow: 'hide past div' }, room: DATES_PX } : { drawn: even };
}

/** The x that were measured, as ticks of a logarithmic axis. */
const places = (figure) => [...new Set(figure.traces.flatMap((trace) => trace.x))].sort((a, b) => a - b);

const LONGEST = 24;
const shortened = (name) => (name.length > LONGEST ? `${name.slice(0, 11)}…${name.slice(-12)}` : name);
const pen = document.createElement('canvas').getContext('2d');

/** How wide a text is in a chart, in pixels. */
export function widthOf(text) {
  if (!pen.font.startsWith(FONT.size)) pen.font = `${FONT.size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

/** A name beneath each lane, a model over what it was measured at: level where they fit, else slanted, else upright, with no more lines than have room. */
function lanes(names, width) {
  const at = names.map(([place]) => place);
  const lane = width / (Math.max(...at) - Math.min(...at) + 1.2);
  const whole = names.map(([, name]) => name.split(', ').map(shortened));
  const deepest = Math.max(...whole.map((lines) => lines.length));
  const lines = Math.max(1, Math.min(deepest, Math.round(lane / LINE_PX)));
  const parts = whole.map((each) => each.slice(0, lines));
  const longest = Math.max(...parts.flat().map(widthOf));
  const high = LINE_PX * lines;
  const angle = longest + 8 < lane ? 0 : high < lane / 2 && longest * 0.87 < lane / 2 + SIDE_PX ? -30 : -90;
  const room = 12 + { 0: high, '-30': longest / 2 + high, '-90': longest }[angle];
  return {
    drawn: { tickvals: at, ticktext: parts.map((each) => each.map(escaped).join('<br>')), tickangle: angle, range: [Math.min(...at) - 0.6, Math.max(...at) + 0.6], showgrid: false, zeroline: false },
    room: Math.ceil(room),
  };
}

/** What the y axis shows, where it can be read without turning the head. */
const aboveTheAxis = (text, side) => ({ x: side === 'left' ? 0 : 1, xref: 'paper', xanchor: side, y: 1.02, yref: 'paper', yanchor: 'bottom', showarrow: false, text, font: { size: 12 } });

const named = (figure, mark, number) => ({
  x: figure.x.scale === 'log' ? Math.log10(mark.at) : mark.at, y: 0.98, yshift: -16 * number, yref: 'paper', yanchor: 'top', xanchor: 'left', showarrow: false, text: ` ${escaped(mark.text)}`, font: { size: 12 }, bgcolor: '#fff',
});
