// The colours, symbols and dashes of the series. When the colours repeat, symbol and dash change.

export const COLOURS = 12;
export const DASHES = ['solid', 'dash', 'dot', 'dashdot'];

/**
 * Return the number of the colour of a series, from 1, as styles/colours.css names them.
 * @param {number} series
 */
export const colourOf = (series) => (series % COLOURS) + 1;

/**
 * Return the choice for a series; it changes each time the colours repeat.
 * @param {string[]} choices
 * @param {number} series
 */
export const cycled = (choices, series) => choices[Math.floor(series / COLOURS) % choices.length];

/** @type {Record<string, string>} The dashes as SVG writes them. */
export const DASH_ARRAYS = { solid: 'none', dash: '8 3', dot: '2 3', dashdot: '8 3 2 3' };
