"""The database: tables, migrations, all reads and writes, and copies of it."""
