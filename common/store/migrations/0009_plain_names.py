"""Name tables and columns as the glossary does."""


def up(migrator, db):
    migrator.migrate(migrator.rename_column("run", "figures", "metrics"))
    migrator.migrate(migrator.rename_column("session", "fruitless_claims", "failed_claims"))
    _rename_chunks(migrator, db, "stretch", "reading_chunk")


def down(migrator, db):
    _rename_chunks(migrator, db, "reading_chunk", "stretch")
    migrator.migrate(migrator.rename_column("session", "failed_claims", "fruitless_claims"))
    migrator.migrate(migrator.rename_column("run", "metrics", "figures"))


def _rename_chunks(migrator, db, old, new):
    """Rename the table, and its indexes as Peewee names those of a model."""
    before, after = (name.replace("_", "") for name in (old, new))
    for columns in ("session_id", "session_id_start"):
        migrator.migrate(migrator.drop_index(old, f"{before}_{columns}"))
    migrator.migrate(migrator.rename_table(old, new))
    db.execute_sql(f'CREATE INDEX {after}_session_id ON {new} ("session_id")')
    db.execute_sql(f'CREATE UNIQUE INDEX {after}_session_id_start ON {new} ("session_id", "start")')
