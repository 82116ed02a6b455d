"""Copies of a database in use, and databases from copies."""
