/* global SwaggerUIBundle */
// The API reference. The content security policy allows no script within the page.

const source = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;
const content = document.querySelector('#swagger-ui');

// What Swagger UI leaves to be desired for screen readers and keyboards. It renders again and again.
/** @type {[string, (element: Element) => void][]} */
const MENDED = [
  ['.information-container:not([role])', (part) => set(part, { role: 'region', 'aria-label': 'About the API' })],
  ['h3:not([aria-level])', (heading) => set(heading, { 'aria-level': '2' })], // the title is h1, and there is no h2
  ['h4:not([aria-level])', (heading) => set(heading, { 'aria-level': '3' })],
  ['h5:not([aria-level])', (heading) => set(heading, { 'aria-level': '4' })],
  ['.opblock-summary-control a[href]', (link) => link.removeAttribute('href')], // the button around it does the same
  ['table[role=region]', (table) => table.removeAttribute('role')], // a region of no name
  ['pre:not([tabindex])', (code) => set(code, { tabindex: '0' })], // it scrolls
];

/**
 * @param {Element} element
 * @param {Record<string, string>} attributes
 */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

if (content) {
  const mend = () => {
    for (const [selector, mending] of MENDED) for (const found of content.querySelectorAll(selector)) mending(found);
  };
  new MutationObserver(mend).observe(content, { childList: true, subtree: true });
}

SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: new URL('../../../openapi.json', source).href,
  deepLinking: true,
  validatorUrl: null, // the default is a service on the internet
});
