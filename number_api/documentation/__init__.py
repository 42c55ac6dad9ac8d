"""The OpenAPI description, and a page that shows it without loading anything from elsewhere."""
