"""The keys of the API, in a variable or a file, and what may be served without any."""
