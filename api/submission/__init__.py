"""From a request body to a stored, queued session."""
