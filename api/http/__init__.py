"""HTTP functions for all routes: keys, rate limits, parsing, errors, headers, compression."""
