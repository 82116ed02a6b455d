"""Readings and phases reduced for charts, and what the newest readings show of a machine."""
