// Texts in charts: their font, their width, and their markup.

export const FONT = { family: 'inherit', size: 13 };

const pen = document.createElement('canvas').getContext('2d');

/**
 * Return the width of a text in a chart, in pixels.
 * @param {string} text
 */
export function widthOf(text) {
  if (!pen) throw new Error('This browser cannot measure text.');
  if (!pen.font.startsWith(String(FONT.size))) {
    pen.font = `${FONT.size}px ${getComputedStyle(document.body).fontFamily}`;
  }
  return pen.measureText(text).width;
}

/**
 * Escape the markup that plotly reads in texts.
 * @param {string} text
 */
export const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
