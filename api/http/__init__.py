"""HTTP functions for all routes: keys, rate limits, errors, headers, compression, OpenAPI."""
