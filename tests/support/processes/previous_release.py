"""A worker and an API as they were one release ago: `python -m tests.support.processes.previous_release`.

They know the tables as the migrations up to LAST make them. What later migrations have added is taken out of the models
of the present code, and is neither read nor written. The database at DATABASE_URL is made with these migrations.
"""

import os
import sys
from collections.abc import Callable
from unittest.mock import patch

from playhouse.migrations import Runner
from redis import Redis

from common.process import logs
from common.store import search_tables
from common.store.changes import results, series, writes
from common.store.connections.schema import MIGRATIONS
from common.store.database import database, initialise
from common.store.tables import Result, Run, Session, Table
from common.values.free_json import Json
from testbed.stored.sessions import claim, create
from worker.sessions.runner import SessionRunner

LAST = "0020_effort"
"""The last migration of the release before 1.0."""
ASSUMED = search_tables.SessionText
"""So that all tables are known."""


def forget_later_columns() -> None:
    """Take what the database does not have yet out of the models."""
    for table in Table.__subclasses__():
        known = {column.name for column in database.get_columns(table._meta.table_name)}
        for field in list(table._meta.sorted_fields):
            if known and field.column_name not in known:
                table._meta.remove_field(field.name)
    for name, table in (("spread", Result), ("_row", Session)):
        patch.object(writes, name, _known_columns(getattr(writes, name), table)).start()
    for module, name in ((results, "store_grade"), (results, "store_medians"), (series, "join")):
        patch.object(module, name, lambda *_: None).start()


def _known_columns(values: Callable[..., Json], table: type[Table]) -> Callable[..., Json]:
    """Return the function without the values of columns that the table does not have."""
    return lambda given: {name: each for name, each in values(given).items() if name in table._meta.fields}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    logs.configure("text")
    initialise(os.environ["DATABASE_URL"])
    redis, url = Redis.from_url(os.environ["REDIS_URL"]), os.environ["OLLAMA_HOST"]
    waits = iter([True])

    def checkpoint() -> None:
        """Wait for a line after the first run."""
        if Run.select().count() and next(waits, False):
            say("waiting")
            sys.stdin.readline()

    with database.connection_context():
        Runner(database.obj, str(MIGRATIONS)).up(LAST)
        forget_later_columns()
        session = create(name="old name")
        say(session.id)
        SessionRunner(redis, claim(session), session, url, resumed=False, checkpoint=checkpoint).run()
        say(create(name="submitted to the old API").id)


if __name__ == "__main__":
    main()
