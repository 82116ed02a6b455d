"""Store the machine that a session waits for. Earlier sessions waited for their host."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE session ADD COLUMN machine VARCHAR(255) DEFAULT '' NOT NULL")
    db.execute_sql("UPDATE session SET machine = host")
    migrator.migrate(migrator.add_index("session", ("status", "machine", "host", "phase")))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("session", "session_status_machine_host_phase"))
    migrator.migrate(migrator.drop_column("session", "machine"))
