"""HTTP functions for all routes: access, parsing, errors, compression."""
