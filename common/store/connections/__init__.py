"""Connections to the database: pools, locks, snapshots, and what is wrong if it cannot be used."""
