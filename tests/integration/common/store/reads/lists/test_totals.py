"""Totals and places in lists that are kept stay true, whatever happens to sessions meanwhile."""

import random
from datetime import timedelta
from typing import Any

import pytest

from common.store.changes import circumstances, edits, writes
from common.store.reads import sessions
from common.store.reads.lists import pages, series, totals
from common.store.reads.lists import results as stored_results
from common.store.reads.lists import sessions as stored_sessions
from common.store.reads.lists.pages import Page
from common.store.reads.lists.results import ResultFilter
from common.store.reads.lists.sessions import SessionFilter
from common.store.search_tables import Series
from common.store.tables import Session, Status
from testbed.stored.sessions import OPTIONS, claim, create, model

pytestmark = pytest.mark.usefixtures("tables")

ALL = 1000
STEPS = 40
SESSIONS = [
    SessionFilter(),
    SessionFilter(search="odd"),
    SessionFilter(search="o"),
    SessionFilter(tags=["a"]),
    SessionFilter(tags=["A", "b"]),
    SessionFilter(search="even", tags=["b"], host="left"),
    SessionFilter(host="right"),
    SessionFilter(series="name:odd"),
    SessionFilter(series="name:even", host="left"),
]
RESULTS = [
    ResultFilter(),
    ResultFilter(model="m:1"),
    ResultFilter(test_type="ttft"),
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
        for test in sessions.tests(session.id):
            writes.complete_test(mine, test, {})
        writes.finish_session(mine)


def delete(chance: random.Random) -> None:
    ended = list(Session.select().where(Session.status != Status.RUNNING))
    if ended:
        writes.delete_session(chance.choice(ended).id)


def rename(chance: random.Random) -> None:
    edits.edit(chance.choice(list(Session.select())).id, {"name": chance.choice(["odd", "even", None])})


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


def test_a_total_is_the_number_of_rows_and_a_page_a_part_of_them() -> None:
    chance = random.Random(3)
    for _ in range(STEPS):
        chance.choice([start, start, start, end, end, delete, rename])(chance)
        check_series()
        for filtered, filters in LISTS:
            wanted, page, limit = chance.choice(filters), chance.randint(1, 5), chance.randint(1, 4)
            rows, total = filtered(wanted, 1, ALL)
            assert total == len(rows)
            assert filtered(wanted, page, limit)[0] == rows[(page - 1) * limit : page * limit]
