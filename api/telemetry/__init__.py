"""Readings and phases of a session, reduced for charts."""
