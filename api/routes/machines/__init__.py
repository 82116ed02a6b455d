"""Hosts under test, their models and their hardware."""
