"""A claimed session from start to end."""
