"""HTTP concerns shared by all routes: keys, limits, errors, headers, compression, OpenAPI."""
