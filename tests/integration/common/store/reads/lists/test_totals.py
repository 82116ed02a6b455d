"""Totals and places in lists that are kept stay true, whatever happens to sessions meanwhile."""

import random
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
import uuid_utils
from peewee import fn

from common.errors import Conflict
from common.records.test_metrics import spread
from common.store.changes import circumstances, edits, imports, reopening, writes
from common.store.changes import totals as kept_totals
from common.store.database import database
from common.store.reads.lists import pages, series, totals
from common.store.reads.lists import results as stored_results
from common.store.reads.lists import sessions as stored_sessions
from common.store.reads.lists.pages import Page
from common.store.reads.lists.results import ResultFilter
from common.store.reads.lists.sessions import SessionFilter
from common.store.reads.states import State
from common.store.search_tables import DayTotal, ResultTotal, Series, SessionTag, SessionTotal, TagTotal
from common.store.tables import ENDED, Session, Status, Test
from common.values.units import now
from testbed.stored.sessions import OPTIONS, claim, create, model

pytestmark = pytest.mark.usefixtures("tables")

ALL = 1000
SINCE = now() - timedelta(days=4)
STEPS = 60
SESSIONS = [
    SessionFilter(),
    SessionFilter(search="odd"),
    SessionFilter(search="o"),
    SessionFilter(tags=["a"]),
    SessionFilter(tags=["A", "b"]),
    SessionFilter(search="even", tags=["b"], host="left"),
    SessionFilter(host="right"),
    SessionFilter(states=[State.COMPLETED]),
    SessionFilter(states=[State.QUEUED, State.CANCELLED], host="left"),
    SessionFilter(pinned=True),
    SessionFilter(pinned=False, states=[State.ERROR, State.COMPLETED, State.RUNNING]),
    SessionFilter(series="name:odd"),
    SessionFilter(series="name:even", host="left"),
]
RESULTS = [
    ResultFilter(),
    ResultFilter(start=SINCE),
    ResultFilter(start=SINCE, end=SINCE + timedelta(days=3)),
    ResultFilter(end=SINCE + timedelta(hours=1)),
    ResultFilter(model="m:1", start=SINCE),
    ResultFilter(model="m:1"),
    ResultFilter(test_type="ttft"),
    ResultFilter(test_type="decode", model="m:1", hardware="ryzen"),
    ResultFilter(hardware="ryzen"),
    ResultFilter(hardware="left"),
    ResultFilter(hardware="e", model="m:2"),
]
LISTS: list[tuple[Any, list[Any]]] = [(stored_sessions.listed, SESSIONS), (stored_results.results, RESULTS)]


@pytest.fixture(autouse=True)
def keep_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the numbers of sessions that were stored just now, and the places of all pages."""
    monkeypatch.setattr(pages, "FAR", 0)
    monkeypatch.setattr(totals, "COMMITTED", timedelta())


def start(chance: random.Random) -> None:
    create(
        name=chance.choice(["odd", "even"]),
        host=chance.choice(["left", "right"]),
        tags=tuple(chance.sample(["a", "b", "c"], 2)),
        models=[model(chance.choice(["m:1", "m:2"]))],
        test_types={chance.choice(["ttft", "decode"]): OPTIONS},
    )


def end(chance: random.Random) -> None:
    running = list(Session.select().where(Session.status == Status.RUNNING))
    if running:
        session = chance.choice(running)
        mine, inventory = claim(session), chance.choice([{"cpu": {"model": "Ryzen"}}, {"cpu": {"model": "Xeon"}}, None])
        circumstances.describe_machine(mine, inventory, None)
        is_measured = chance.random() < 0.7
        for test in Test.select().where(Test.session == session, Test.status == Status.RUNNING):
            if is_measured:
                writes.complete_test(mine, test, {})
            else:
                writes.fail_test(mine, test, "no answer")
        writes.finish_session(mine)


def cancel(chance: random.Random) -> None:
    writes.cancel_session(any_session(chance).id)


def reopen(chance: random.Random) -> None:
    with suppress(Conflict):  # it runs, or nothing failed
        reopening.reopen(any_session(chance).id)


def delete(chance: random.Random) -> None:
    ended = list(Session.select().where(Session.status != Status.RUNNING))
    if ended:
        writes.delete_session(chance.choice(ended).id)


def edit(chance: random.Random) -> None:
    values: dict[str, list[object]] = {
        "name": ["odd", "even", None],
        "tags": [["a"], ["b", "C"], []],
        "pinned": [True, False],
    }
    name = chance.choice(list(values))
    edits.edit(any_session(chance).id, {name: chance.choice(values[name])})


def bring(chance: random.Random) -> None:
    """Import a session with a test, which is not always published."""
    like = any_session(chance)
    own = {name: getattr(like, name) for name in ("host", "machine", "models", "test_types", "tags", "request_digest")}
    columns = {**own, "id": str(uuid_utils.uuid7()), "status": Status.COMPLETED, "phase": "finished"}
    columns |= {"created_at": now(), "finished_at": now()}
    kept = imports.stage(columns)
    test = {"position": 0, "model": "m:1", "test_type": "ttft", "options": {}, "host": like.host, "phase": "finished"}
    added = imports.add_test(kept, {**test, "finished_at": now()}, spread({}))
    if chance.random() < 0.7:
        imports.publish(kept, columns, {added: Status.COMPLETED})
    else:
        imports.discard(kept)


def any_session(chance: random.Random) -> Session:
    return chance.choice(list(Session.select()))


def sum_up(_: random.Random) -> None:
    kept_totals.sum_up()


class Killed(Exception):
    """The process is killed before its transaction ends."""


def be_killed(chance: random.Random) -> None:
    with suppress(Killed), database.atomic():
        chance.choice([end, cancel, delete, edit])(chance)
        raise Killed


def check_series() -> None:
    """Check that each series has its newest session and their number, and that a list has them in order."""
    known: dict[str | None, list[Session]] = {}
    for session in Session.select().order_by(Session.created_at.desc(), Session.id.desc()):
        known.setdefault(session.series, []).append(session)
    expected = {key: (some[0].id, some[0].created_at, len(some)) for key, some in known.items()}
    assert {row.key: (row.newest, row.newest_at, row.number) for row in Series.select()} == expected
    pages_of = [series.page(Page(number, 2)) for number in range(1, 2 + len(known) // 2)]
    shown = [(group.key, group.number, [each.id for each in group.sessions]) for some, _ in pages_of for group in some]
    assert shown == [(key, len(some), [each.id for each in some]) for key, some in known.items()]
    assert [has_more for _, has_more in pages_of].count(True) == max(0, len(known) - 1) // 2


def value_of(row: Any, name: str) -> object:
    return f"{row.finished_at:%Y-%m-%d}" if name == "day" else getattr(row, name)


def check_stored_totals() -> None:
    """Check that the totals that triggers keep are the numbers of rows."""
    ended = Session.select().where(Session.status.in_(ENDED))
    completed = Test.select().where(Test.status == Status.COMPLETED)
    by_table: dict[Any, Any] = {
        SessionTotal: ended,
        TagTotal: SessionTag.select(),
        ResultTotal: completed,
        DayTotal: completed,
    }
    for table, counted in by_table.items():
        columns = kept_totals.columns(table)
        sums: Any = table.select(*columns, fn.SUM(table.number)).group_by(*columns).tuples()
        found = {tuple(values): number for *values, number in sums if number}
        values = ([value_of(row, column.name) for column in columns] for row in counted)
        assert found == Counter(tuple("" if value is None else value for value in row) for row in values)


CHANGES = [start, start, start, start, end, end, end, cancel, reopen, delete, edit, edit, bring, sum_up, be_killed]


def test_a_total_is_the_number_of_rows_and_a_page_a_part_of_them() -> None:
    chance = random.Random(3)
    start(chance)
    for _ in range(STEPS):
        (chance.choice(CHANGES) if Session.select().exists() else start)(chance)
        check_series()
        check_stored_totals()
        for filtered, filters in LISTS:
            wanted, page, limit = chance.choice(filters), chance.randint(1, 5), chance.randint(1, 4)
            rows, total = filtered(wanted, 1, ALL)
            assert total == len(rows)
            assert filtered(wanted, page, limit)[0] == rows[(page - 1) * limit : page * limit]


def test_a_span_of_time_has_the_number_of_its_results() -> None:
    chance = random.Random(5)
    for _ in range(12):
        start(chance)
        end(chance)
    for test in Test.select().where(Test.status == Status.COMPLETED):
        Test.update(finished_at=SINCE + chance.random() * timedelta(days=4)).where(Test.id == test.id).execute()
    check_stored_totals()
    times = [None, SINCE, *(SINCE + chance.random() * timedelta(days=4) for _ in range(4))]
    times += [datetime.min, datetime.max]  # noqa: DTZ901 - as the database keeps times
    for first, last in product(times, times):
        found, total = stored_results.results(ResultFilter(start=first, end=last), 1, ALL)
        assert total == len(found), (first, last)
