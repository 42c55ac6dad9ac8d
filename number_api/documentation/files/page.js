// Without validatorUrl the page would ask a server on the internet to judge the description.
SwaggerUIBundle({ url: "/docs/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null });
