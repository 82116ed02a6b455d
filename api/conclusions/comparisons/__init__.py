"""Comparisons of sessions and models as data, for pages and for the API."""
