// A file of its own, because the content security policy allows no script in the page.
SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "/openapi.json",
  deepLinking: true,
  validatorUrl: null, // it is a site on the internet
});
