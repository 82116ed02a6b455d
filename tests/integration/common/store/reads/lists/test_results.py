"""Results: the completed tests."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.store.changes import writes
from common.store.reads import sessions
from common.store.reads.lists import results as lists
from common.store.reads.lists.results import ResultFilter
from common.store.tables import Test
from testbed.stored.sessions import OPTIONS, claim, create, ended, model

pytestmark = pytest.mark.usefixtures("tables")

RYZEN = {"cpu": {"model": "AMD Ryzen 9"}, "gpu": [{"model": "RTX 4090"}], "os": {"name": "Debian"}}
XEON = {"cpu": {"model": "Intel Xeon 100%_A"}, "gpu": [], "os": {"name": "Fedora"}}


def results(**wanted: Any) -> list[tuple[str, str]]:
    tests, total = lists.results(ResultFilter(**wanted), 1, 100)
    assert total == len(tests)
    return [(test.model, test.test_type) for test in tests]


def test_results_are_the_completed_tests_newest_first() -> None:
    session = create(models=[model("a:1"), model("b:1")], test_types={"ttft": OPTIONS, "decode": OPTIONS})
    mine, tests = claim(session), sessions.tests(session.id)
    for number in (2, 0):
        writes.complete_test(mine, tests[number], {})
    writes.fail_test(mine, tests[1], "why")
    assert results() == [("a:1", "ttft"), ("b:1", "ttft")]


def test_results_are_filtered_by_model_and_type() -> None:
    ended(models=[model("a:1"), model("b:1")], test_types={"ttft": OPTIONS, "decode": OPTIONS})
    assert results(model="a:1", test_type="ttft") == [("a:1", "ttft")]
    assert len(results(model="b:1")) == len(results(test_type="decode")) == 2
    assert results(model="a") == results(test_type="%") == []


def test_results_are_filtered_by_hardware() -> None:
    ended(RYZEN, models=[model("on-ryzen:1")], host="Rack")
    ended(XEON, models=[model("on-xeon:1")])
    ended(None, models=[model("unknown:1")])
    fingerprint = lists.results(ResultFilter(model="on-xeon:1"), 1, 1)[0][0].session.hardware
    assert fingerprint is not None
    for text, model_name in (
        (fingerprint.fingerprint, "on-xeon:1"),
        ("xeon", "on-xeon:1"),
        ("%_", "on-xeon:1"),
        ("RTX 4090", "on-ryzen:1"),
        ("rack", "on-ryzen:1"),
    ):
        assert results(hardware=text) == [(model_name, "decode")], text
    assert results(hardware="nothing") == []


def test_results_are_filtered_by_date_with_both_ends() -> None:
    moments = [datetime(2026, 3, day, 12) for day in (1, 2, 3)]  # noqa: DTZ001 - as the database keeps them
    for number, moment in enumerate(moments):
        session = ended(models=[model(f"m{number}:1")])
        Test.update(finished_at=moment).where(Test.session == session.id).execute()
    names = [name for name, _ in results(start=moments[1])]
    assert names == ["m2:1", "m1:1"]
    assert [name for name, _ in results(end=moments[1])] == ["m1:1", "m0:1"]
    assert [name for name, _ in results(start=moments[1], end=moments[1])] == ["m1:1"]
    assert results(start=moments[2] + timedelta(microseconds=1)) == []


def test_results_come_in_pages_with_their_session() -> None:
    for number in range(5):
        ended(RYZEN, name=str(number))
    page, total = lists.results(ResultFilter(), 2, 2)
    assert ([test.session.name for test in page], total) == (["2", "1"], 5)
