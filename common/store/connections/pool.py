"""The API's connections to the database: held for one statement or transaction, and while nothing else is waited for.

playhouse has a pool too, but its lock is held while a connection is opened, so one that does not answer would hold up
all others.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from peewee import Database, __exception_wrapper__  # type: ignore[attr-defined] # its stub lacks it

from common.errors import Unavailable
from common.store.connections.availability import translated

EXHAUSTED = "All {limit} connections of this process to the database are in use. Send fewer requests at once."


class PoolExhausted(Unavailable):
    """All connections are in use, so that nothing is known about the database itself."""


class Pool(Database):
    """A database that lends its connections. `limit` is their largest number, and `wait_s` how long one is waited for.

    A thread gets a connection with its first statement. It goes back after the statement, after the transaction if it
    is in one, or after the block of `connection_context`.
    """

    limit: ClassVar[int]
    wait_s: ClassVar[float]
    _state: Any  # peewee's own, which its stub lacks
    _connect: Callable[[], Any]
    _set_server_version: Callable[[Any], None]

    def init(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - peewee's signature
        super().init(*arguments, **options)
        self._idle: list[Any] = []
        self._free = threading.BoundedSemaphore(self.limit)
        self.in_use = 0

    def connect(self, reuse_if_open: bool = False) -> bool:  # noqa: FBT001, FBT002 - peewee's signature
        """Take a connection without holding a lock, which peewee's own method would.

        Raises:
            PoolExhausted: if none becomes free in time.
            Unavailable: if the database cannot be used now.
        """
        if not self.is_closed():
            return super().connect(reuse_if_open)
        if not self._free.acquire(timeout=self.wait_s):
            raise PoolExhausted(EXHAUSTED.format(limit=self.limit))
        self.in_use += 1
        try:
            with translated(), __exception_wrapper__:
                self._open()
        except BaseException:
            self._give_back()
            raise
        return True

    def _open(self) -> None:
        connection = self._usable() or self._connect()
        self._state.set_connection(connection)
        if self.server_version is None:
            self._set_server_version(connection)

    def _usable(self) -> Any:  # noqa: ANN401 - the driver's connection
        """Return an idle connection that still works, or None."""
        while self._idle:
            connection = self._idle.pop()
            if self.is_usable(connection):
                return connection
            connection.close()
        return None

    def is_usable(self, _connection: Any) -> bool:  # noqa: ANN401 - the driver's connection
        """Return whether an idle connection still works."""
        return True

    def is_clean(self, connection: Any) -> bool:  # noqa: ANN401 - the driver's connection
        """Return whether a connection has neither a transaction nor a statement in progress."""
        raise NotImplementedError

    def _close(self, connection: Any) -> None:  # noqa: ANN401 - the driver's connection
        """Put a connection back. peewee calls it when a thread has done with it."""
        try:
            if self.is_clean(connection):
                self._idle.append(connection)
            else:
                connection.close()
        finally:
            self._give_back()

    def _give_back(self) -> None:
        self.in_use -= 1
        self._free.release()

    def close_all(self) -> None:
        """Close this thread's connection and all idle ones."""
        self.close()
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Give the thread's connection back after the block, unless a transaction or another block needs it."""
        try:
            yield
        finally:
            if not (self._state.transactions or self._state.ctx):
                self.close()

    def execute_sql(self, sql: str, params: Any = None, **options: Any) -> Any:  # noqa: ANN401 - peewee's signature
        """Execute a statement, and read all its rows before the connection goes back."""
        with self.lent():
            return self.fetched(super().execute_sql(sql, params, **options))  # type: ignore[no-untyped-call] # its stub has no types

    def fetched(self, cursor: Any) -> Any:  # noqa: ANN401 - the driver's cursor
        """Return a cursor that needs its connection no more. Psycopg's does not."""
        return cursor

    def begin(self, *arguments: Any) -> None:  # noqa: ANN401 - peewee's signature
        """Begin a transaction, whose connection is kept until its end."""
        try:
            super().begin(*arguments)
        except BaseException:
            self.close()
            raise

    def commit(self) -> None:
        """Commit. If that fails, peewee rolls back, which needs the connection."""
        super().commit()
        with self.lent():
            pass

    def rollback(self) -> None:
        with self.lent():
            super().rollback()


class FetchedCursor:
    """All rows of a statement, in place of SQLite's cursor, which reads them one by one from the connection."""

    def __init__(self, cursor: Any) -> None:  # noqa: ANN401 - the driver's cursor
        self._left = deque(cursor.fetchall() if cursor.description else ())  # a row that was read is forgotten
        self.description = cursor.description
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid

    def fetchone(self) -> Any:  # noqa: ANN401 - a row of the driver
        return self._left.popleft() if self._left else None

    def fetchall(self) -> list[Any]:
        rows = list(self._left)
        self.close()
        return rows

    def __iter__(self) -> Iterator[Any]:
        while self._left:
            yield self._left.popleft()

    def close(self) -> None:
        self._left.clear()
