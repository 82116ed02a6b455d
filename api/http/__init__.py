"""HTTP functions for all routes: access, parsing, errors, compression, and the connection to Redis."""
