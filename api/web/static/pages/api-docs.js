/* global SwaggerUIBundle */
// The API reference. The content security policy allows no script within the page.

SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: '/openapi.json',
  deepLinking: true,
  validatorUrl: null, // the default is a service on the internet
});
