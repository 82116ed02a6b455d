"""Test types and metrics, as data."""
