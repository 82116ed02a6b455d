"""The database: tables, migrations, all reads and writes."""
