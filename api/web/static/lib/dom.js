// Finding and making elements. The text of an element is always text, never markup.

/**
 * Return the first element that matches. Throw an error if there is none, because the page is broken then.
 * @template {Element} T
 * @param {string} selector
 * @param {{ new (): T, prototype: T }} type
 * @param {ParentNode} [root]
 */
export function find(selector, type, root = document) {
  const found = root.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`The page has no ${type.name} that matches ${selector}.`);
}

/**
 * Return all elements of a type that match.
 * @template {Element} T
 * @param {string} selector
 * @param {{ new (): T, prototype: T }} type
 * @param {ParentNode} [root]
 */
export function findAll(selector, type, root = document) {
  return [...root.querySelectorAll(selector)].flatMap((found) => (found instanceof type ? [found] : []));
}

/** Return the page's main element; it is another one after a key has opened the page. */
export const mainElement = () => find('#main', HTMLElement);

/**
 * Return the element that an event happened at, or the nearest one above it that matches.
 * @template {Element} T
 * @param {Event} event
 * @param {string} selector
 * @param {{ new (): T, prototype: T }} type
 */
export function closest({ target }, selector, type) {
  const found = target instanceof Element ? target.closest(selector) : null;
  return found instanceof type ? found : null;
}

/**
 * Make an HTML element with a text and a class.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [text]
 * @param {string} [className]
 */
export function element(tag, text = '', className = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/**
 * Make an SVG element with attributes and children.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {Node[]} children
 */
export function svg(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * Set the text of an element. An unchanged text is left alone, because a screen reader reads each change aloud.
 * @param {Element} place
 * @param {string} text
 */
export function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
