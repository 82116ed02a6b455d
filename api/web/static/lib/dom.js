// Elements made by scripts. What they say is always text, never markup.

/** An HTML element that says `text`. */
export function element(tag, text = '', className = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** An SVG element with these attributes and children. */
export function shape(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** With a capital at its beginning and the rest as it is: messages hold names. */
export const capitalised = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** A message of the API as a sentence of its own. */
export const sentence = (text) => (text ? `${capitalised(text)}${/[.?!]$/.test(text) ? '' : '.'}` : '');
