"""Readings of a session, reduced for charts."""
