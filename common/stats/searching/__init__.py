"""Searches for the load that a server can carry."""
