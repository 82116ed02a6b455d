"""Say of runs and tests of earlier releases that their software was not recorded: it is null."""


def up(migrator, db):
    for table, column in (("run", "record"), ("test", "metrics")):
        if hasattr(db, "pragma"):  # SQLite
            db.execute_sql(
                f"UPDATE {table} SET {column} = json_insert({column}, '$.software', json('null'))"
                f" WHERE json_type({column}, '$') = 'object' AND json_type({column}, '$.software') IS NULL"
            )
        else:
            db.execute_sql(
                f"UPDATE {table} SET {column} = {column} || '{{\"software\": null}}'::jsonb"
                f" WHERE jsonb_typeof({column}) = 'object' AND NOT jsonb_exists({column}, 'software')"
            )


def down(migrator, db):
    """Leave the records: earlier releases ignore the key."""
