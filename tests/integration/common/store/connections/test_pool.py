"""The API's connections to the database: none is held between two statements, and a lock stops no other thread."""

import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import cast

import pytest
from psycopg import OperationalError

from common.store.changes import writes
from common.store.connections import pooled
from common.store.connections.availability import Locked
from common.store.connections.pool import Pool, PoolExhausted
from common.store.connections.resolved_host import resolved
from common.store.database import database, open_database
from common.store.reads import sessions
from common.store.tables import Session
from tests.support.stored.sessions import queued


@pytest.fixture(params=["sqlite_url", "postgresql_url"], ids=["sqlite", "postgresql"])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    open_database(request.getfixturevalue(request.param), pooled=True)
    opened = cast("Pool", database.obj)
    yield opened
    opened.close_all()


def rolled_back() -> None:
    with suppress(ZeroDivisionError), database.atomic():
        writes.check_writable()
        assert cast("Pool", database.obj).in_use == 1
        raise ZeroDivisionError


def refused() -> None:
    with pytest.raises(Exception, match="nothing"):
        database.execute_sql("SELECT * FROM nothing")


def begun() -> None:
    rows = iter(Session.select().iterator())
    assert next(rows)


STATEMENTS: dict[str, Callable[[], object]] = {
    "select": lambda: sessions.session("one"),
    "update": writes.check_writable,
    "transaction": queued,
    "transaction rolled back": rolled_back,
    "error": refused,
    "rows that are not read": begun,
}


def test_a_connection_is_held_for_one_statement_or_transaction(pool: Pool) -> None:
    queued()
    for name, statement in STATEMENTS.items():
        statement()
        assert (name, pool.in_use, database.is_closed()) == (name, 0, True)


def test_hosts_are_resolved_before_libpq_would_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"db": ["10.0.0.1", "10.0.0.2"], "other": ["::1"], "10.0.0.9": ["10.0.0.9"]}

    def find(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        if host not in known:
            raise socket.gaierror("unknown")
        return [(0, 0, 0, "", (address, 0)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", find)
    for host, port, expected in (
        ("db", "5433", ("db,db", "10.0.0.1,10.0.0.2", "5433,5433")),
        ("db,other", "1,2", ("db,db,other", "10.0.0.1,10.0.0.2,::1", "1,1,2")),
        ("10.0.0.9,other", "1", ("10.0.0.9,other", "10.0.0.9,::1", "1,1")),
    ):
        found = resolved({"host": host, "port": port, "user": "u"})
        assert (found["host"], found["hostaddr"], found["port"], found["user"]) == (*expected, "u")
    for unchanged in ({"host": "/var/run"}, {}, {"host": "db", "hostaddr": "10.0.0.3"}):
        assert resolved(unchanged) == unchanged
    with pytest.raises(OperationalError, match="unknown"):
        resolved({"host": "nowhere"})


def test_a_pool_without_a_free_connection_says_so(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(pool), "wait_s", 0.05)
    with database.atomic():
        pool._free = threading.BoundedSemaphore(1)
        pool._free.acquire()
        found: list[BaseException | None] = []
        thread = threading.Thread(target=lambda: found.append(raised(lambda: sessions.session("one"))))
        thread.start()
        thread.join()
    assert isinstance(found[0], PoolExhausted)
    assert str(found[0]).startswith(f"All {pool.limit} connections of this process")


def raised(call: Callable[[], object]) -> BaseException | None:
    try:
        call()
    except PoolExhausted as error:
        return error
    return None


def test_a_write_waits_for_a_lock_without_a_connection(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pauses are the caller's, in which gevent runs other requests."""
    open_database(sqlite_url, pooled=True)
    pool = cast("Pool", database.obj)
    used: list[int] = []
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:

        def pause(_: float) -> None:
            used.append(pool.in_use)
            if len(used) == 3:
                other.execute("ROLLBACK")

        monkeypatch.setattr("common.store.connections.pooled.time.sleep", pause)
        for write in (writes.check_writable, queued):
            other.execute("BEGIN IMMEDIATE")
            write()
            assert used == [0, 0, 0]
            used.clear()
        other.execute("BEGIN IMMEDIATE")
        assert sessions.session("one") is None
        monkeypatch.setattr(pooled, "LOCK_TIMEOUT_S", 0)
        with pytest.raises(Locked):
            writes.check_writable()
    pool.close_all()
