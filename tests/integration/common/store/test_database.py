import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import peewee
import pytest
from playhouse.schema_diff import diff_models

from common.errors import ConfigurationError
from common.store.alerts import tables as alerts  # noqa: F401 - their tables too
from common.store.connections.schema import MIGRATIONS
from common.store.database import database, initialise, migrate
from common.store.search_tables import SessionTag
from common.store.tables import Hardware, Table
from testbed.servers.postgresql import PostgreSql

TABLES = Table.__subclasses__()

MIGRATE = """
import sys
from common.store.database import initialise, migrate
initialise(sys.argv[1])
sys.stdin.readline()
print(migrate())
"""


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    initialise(database_url)
    assert migrate() == sorted(path.stem for path in MIGRATIONS.glob("0*.py"))
    assert migrate() == []


@pytest.mark.usefixtures("tables")
def test_the_migrations_make_the_tables_of_the_models() -> None:
    assert not diff_models(database.obj, TABLES)


def columns(of: peewee.Database) -> dict[str, list[tuple[str, str, bool]]]:
    return {
        table._meta.table_name: sorted(
            (column.name, column.data_type.lower(), column.null) for column in of.get_columns(table._meta.table_name)
        )
        for table in TABLES
    }


def keys(of: peewee.Database) -> dict[str, object]:
    found: dict[str, object] = {}
    for table in TABLES:
        name = table._meta.table_name
        foreign = sorted((key.column, key.dest_table, key.dest_column) for key in of.get_foreign_keys(name))
        found[name] = (of.get_primary_keys(name), foreign)
    return found


def test_the_migrations_make_the_same_columns_and_keys_as_the_models_would(database_url: str) -> None:
    initialise(database_url)
    migrate()
    with database.connection_context():
        migrated = columns(database.obj), keys(database.obj)
        database.drop_tables(TABLES)
        database.create_tables(TABLES)
        assert migrated == (columns(database.obj), keys(database.obj))


def test_processes_that_migrate_at_once_do_it_once(database_url: str) -> None:
    command = [sys.executable, "-c", MIGRATE, database_url]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    expected = [process.communicate("go\n")[0] for process in started]
    assert [process.returncode for process in started] == [0] * 2
    everything = sorted(path.stem for path in MIGRATIONS.glob("0*.py"))
    assert sorted(expected) == [f"{everything}\n", "[]\n"]


@pytest.mark.usefixtures("tables")
def test_json_keeps_what_it_is_given() -> None:
    inventory = {"text": "Grüße ☃ \" ' \\ %s", "numbers": [0, 1.5, None, 10**15], "nested": {"no": False}}
    Hardware.create(digest="d", fingerprint="f", inventory=inventory, text="")
    assert Hardware.get_by_id("d").inventory == inventory


def test_sqlite_keeps_foreign_keys_and_writes_ahead(tmp_path: Path) -> None:
    initialise(f"sqlite:///{tmp_path / 'not/yet/there.db'}")
    migrate()
    with database.connection_context():
        pragmas = {
            name: database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ("foreign_keys", "journal_mode")
        }
        assert pragmas == {"foreign_keys": 1, "journal_mode": "wal"}
        with pytest.raises(peewee.IntegrityError):
            SessionTag.create(session="nobody", tag="t")


def test_a_relative_path_lies_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    caplog.set_level("INFO")
    initialise("sqlite:///var/gait.db")
    migrate()
    assert (tmp_path / "var/gait.db").exists()
    assert caplog.messages[0] == f"creating a new database: {tmp_path}/var/gait.db"


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("host", ["{name}?host={folder}", "{name}?host={folder}&connect_timeout=3", "{name}"])
def test_every_address_of_postgresql_connects(
    migrated_postgresql: str, postgresql: PostgreSql, host: str, *, pooled: bool
) -> None:
    folder = postgresql.socket_folder
    name = migrated_postgresql.partition("@/")[2].partition("?")[0]
    authority = "" if "?" in host else quote(folder, safe="")
    initialise(f"postgresql://postgres@{authority}/{host.format(name=name, folder=folder)}", pooled=pooled)
    with database.connection_context():
        assert database.execute_sql("SELECT 1").fetchone() == (1,)
    if pooled:
        database.close_all()


def test_user_and_password_are_unquoted() -> None:
    initialise("postgresql://some%40one:p%2Fw%3A@nowhere:1/db")
    parameters = json.dumps(database.obj.connect_params)
    assert "some@one" in parameters
    assert "p/w:" in parameters


def test_an_unknown_parameter_is_refused_without_the_password() -> None:
    with pytest.raises(ConfigurationError) as refused:
        initialise("postgresql://u:hunter2@h/db?nope=hunter2")
    assert "DATABASE_URL has a parameter that PostgreSQL does not know" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
