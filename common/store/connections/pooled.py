"""The API's databases: pools whose waits let other requests run."""

import select
import time
from collections.abc import Callable
from typing import Any, TypeVar

from peewee import Database, __exception_wrapper__  # type: ignore[attr-defined] # its stub lacks it
from psycopg.pq import TransactionStatus

from common.store.connections.availability import LOCK_TIMEOUT_S, Locked, PostgreSql, Sqlite, prepared, translated
from common.store.connections.pool import FetchedCursor, Pool
from common.store.connections.resolved_host import resolved

MIN_PAUSE_S, MAX_PAUSE_S = 0.001, 0.05

Result = TypeVar("Result")


def when_unlocked(call: Callable[[], Result]) -> Result:
    """Call until the database is not locked. SQLite's own wait would stop the thread that all requests share.

    Raises:
        Locked: if it is locked for too long.
    """
    until, pause_s = time.monotonic() + LOCK_TIMEOUT_S, MIN_PAUSE_S
    while True:
        try:
            return call()
        except Locked:
            if time.monotonic() >= until:
                raise
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, MAX_PAUSE_S)


class Waiting(Database):
    """A database that waits for locks without its connection. In a transaction, it has the lock already."""

    def execute_sql(self, sql: str, params: Any = None, **options: Any) -> Any:  # noqa: ANN401 - peewee's signature
        if self.in_transaction():
            return super().execute_sql(sql, params, **options)  # type: ignore[no-untyped-call] # its stub has no types
        return when_unlocked(lambda: super(Waiting, self).execute_sql(sql, params, **options))  # type: ignore[no-untyped-call] # as above

    def connect(self, reuse_if_open: bool = False) -> bool:  # noqa: FBT001, FBT002 - peewee's signature
        return when_unlocked(lambda: super(Waiting, self).connect(reuse_if_open))

    def begin(self, *arguments: Any) -> None:  # noqa: ANN401 - peewee's signature
        when_unlocked(lambda: super(Waiting, self).begin(*arguments))

    def commit(self) -> None:
        when_unlocked(super().commit)


class PooledSqlite(Waiting, Pool, Sqlite):
    """SQLite for the API. A connection to a file costs little, so there is no small limit."""

    limit, wait_s = 10_000, LOCK_TIMEOUT_S

    def is_clean(self, connection: Any) -> bool:  # noqa: ANN401 - the driver's connection
        return not connection.in_transaction

    def fetched(self, cursor: Any) -> FetchedCursor:  # noqa: ANN401 - the driver's cursor
        with translated(), __exception_wrapper__:
            return FetchedCursor(cursor)


class PooledPostgreSql(Pool, PostgreSql):
    """PostgreSQL for the API, whose server has 100 connections by default."""

    limit, wait_s = 32, 5.0

    def _connect(self) -> Any:  # noqa: ANN401 - the driver's connection
        connection = self._adapter.connect(self, **resolved(self.connect_params))
        connection.autocommit = True  # as peewee, which begins transactions itself
        return prepared(connection)

    def is_clean(self, connection: Any) -> bool:  # noqa: ANN401 - the driver's connection
        return not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE

    def is_usable(self, connection: Any) -> bool:  # noqa: ANN401 - the driver's connection
        """Return False if the server has ended the connection: an idle one has nothing to say otherwise."""
        readable = select.poll()
        readable.register(connection.fileno(), select.POLLIN)
        return not readable.poll(0)
