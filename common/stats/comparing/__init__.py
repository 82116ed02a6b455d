"""Differences of two samples or sessions, and what can be concluded from them."""
