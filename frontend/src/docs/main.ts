/** The API's own page: every call with its fields, to be tried with the visitor's cookie. Nothing of it is loaded from elsewhere. */
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";

SwaggerUI({
  url: "/openapi.json",
  dom_id: "#root",
  deepLinking: true,
  validatorUrl: null, // it would send the document to a server of theirs
});
