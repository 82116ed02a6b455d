"""Connections to the database: pools, locks, snapshots, migrations, and what is wrong if it cannot be used."""
