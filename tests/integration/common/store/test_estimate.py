"""How long tests will take, by those of before."""

from datetime import timedelta
from typing import Any

import pytest

from common.catalogue.options import Option
from common.catalogue.test_type import TestType
from common.store import sessions, writes
from common.store.estimate import Cell, estimate
from common.store.tables import Test
from common.units import now
from testbed.sessions import claim, create

pytestmark = pytest.mark.usefixtures("tables")

REPETITIONS = (
    Option("minRepetitions", "runs", 3, 1, 100, ""),
    Option("maxRepetitions", "runs", 10, 1, 100, ""),
)
DECODE = TestType("decode", "", "", (*REPETITIONS, Option("outputTokens", "tokens", 64, 1, 4096, "")), context_terms=())
PREFILL = TestType(
    "prefill", "", "", (*REPETITIONS, Option("promptTokens", "tokens", (1, 2), 1, 9, "")), context_terms=()
)
SUSTAINED = TestType("sustained", "", "", (Option("durationSeconds", "s", 600, 1, 86400, ""),), context_terms=())


def measured(test_type: TestType, seconds: float, runs: int = 10, host: str = "local", **options: Any) -> None:
    """Return a completed test that took `seconds` and has `runs` runs."""
    session = create(test_types={test_type.name: test_type.resolve(options)}, host=host)
    mine, test = claim(session), sessions.tests(session.id)[0]
    writes.complete_test(mine, test, {"runs": {"counted": runs - 1, "rejected": 1, "rejectionRate": 0.1}})
    begun = now() - timedelta(seconds=seconds)
    Test.update(started_at=begun, finished_at=begun + timedelta(seconds=seconds)).where(Test.id == test.id).execute()


def asked(test_type: TestType, host: str | None = "local", **options: Any) -> tuple[float, float, int, int]:
    found = estimate(["tiny:latest"], {test_type: test_type.resolve(options)}, host)
    return found.low, found.high, len(found.rough), len(found.unknown)


def test_what_was_never_measured_is_unknown_and_adds_nothing() -> None:
    found = estimate(["tiny:latest"], {DECODE: DECODE.resolve({})}, "local")
    assert (found.low, found.high) == (0, 0)
    assert found.unknown == [Cell("tiny:latest", "decode")]


def test_runs_take_as_long_as_before_and_are_as_many_as_asked_for() -> None:
    measured(DECODE, seconds=20)
    assert asked(DECODE) == (6000, 20_000, 0, 0)
    assert asked(DECODE, minRepetitions=5, maxRepetitions=5) == (10_000, 10_000, 0, 0)


def test_each_point_is_measured() -> None:
    measured(PREFILL, seconds=20)
    assert asked(PREFILL, promptTokens=[1, 2]) == (12_000, 40_000, 0, 0)


def test_tests_with_the_same_options_tell_more_than_others() -> None:
    measured(DECODE, seconds=20)
    measured(DECODE, seconds=80, outputTokens=256)
    assert asked(DECODE)[:2] == (6000, 20_000)
    assert asked(DECODE, outputTokens=128)[2] == 1


def test_a_test_of_a_given_duration_takes_it_and_what_it_took_besides() -> None:
    measured(SUSTAINED, seconds=70, durationSeconds=60)
    assert asked(SUSTAINED)[:2] == (610_000, 610_000)


def test_another_host_tells_nothing_unless_any_will_do() -> None:
    measured(DECODE, seconds=20, host="other")
    assert asked(DECODE)[3] == 1
    assert asked(DECODE, host=None)[:2] == (6000, 20_000)
