"""Processes that are killed, forked, or of another release."""
