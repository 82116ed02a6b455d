"""Totals and places in lists that are kept stay true, whatever happens to sessions meanwhile."""

import random
from datetime import timedelta
from typing import Any

import pytest

from common.store.changes import circumstances, writes
from common.store.reads import sessions
from common.store.reads.lists import pages, totals
from common.store.reads.lists import results as stored_results
from common.store.reads.lists import sessions as stored_sessions
from common.store.reads.lists.results import ResultFilter
from common.store.reads.lists.sessions import SessionFilter
from common.store.tables import Session, Status
from testbed.sessions import OPTIONS, claim, create, model

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
]
RESULTS = [
    ResultFilter(),
    ResultFilter(model="m:1"),
    ResultFilter(test_type="ttft"),
    ResultFilter(hardware="ryzen"),
    ResultFilter(hardware="left"),
    ResultFilter(hardware="e", model="m:2"),
]
LISTS: list[tuple[Any, list[Any]]] = [(stored_sessions.session_outlines, SESSIONS), (stored_results.results, RESULTS)]


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


def test_a_total_is_the_number_of_rows_and_a_page_a_part_of_them() -> None:
    chance = random.Random(3)
    for _ in range(STEPS):
        chance.choice([start, start, end, end, delete])(chance)
        for filtered, filters in LISTS:
            wanted, page, limit = chance.choice(filters), chance.randint(1, 5), chance.randint(1, 4)
            rows, total = filtered(wanted, 1, ALL)
            assert total == len(rows)
            assert filtered(wanted, page, limit)[0] == rows[(page - 1) * limit : page * limit]
