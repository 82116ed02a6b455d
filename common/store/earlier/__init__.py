"""Reads of what was measured before: histories, samples to compare, unchanged tests and durations."""
