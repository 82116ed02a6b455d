/* global SwaggerUIBundle */
// The API reference. The content security policy allows no script within the page.

const source = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;

SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: new URL('../../../openapi.json', source).href,
  deepLinking: true,
  validatorUrl: null, // the default is a service on the internet
});
