"""How long tests will take, by those of before."""

from datetime import timedelta
from typing import Any

import pytest

from common.catalogue.effort import Effort
from common.catalogue.options import Option, Options, repetitions
from common.catalogue.test_type import TestType
from common.store.changes import writes
from common.store.earlier.estimate import estimate
from common.store.reads import sessions
from common.store.reads.lists.tests import Cell
from common.store.tables import Order, Test
from common.values.units import now
from testbed.stored.sessions import claim, create, model

pytestmark = pytest.mark.usefixtures("tables")

DECODE = TestType(
    "decode", "", "", "", (*repetitions(), Option("outputTokens", "tokens", 64, 1, 4096, "")), context_terms=()
)
PREFILL = TestType(
    "prefill", "", "", "", (*repetitions(), Option("promptTokens", "tokens", (1, 2), 1, 9, "")), context_terms=()
)
SUSTAINED = TestType("sustained", "", "", "", (Option("durationSeconds", "s", 600, 1, 86400, ""),), context_terms=())


def measured(test_type: TestType, seconds: float, given: Options | None = None, **of_session: Any) -> None:
    """Store a completed test that took `seconds` for its ten runs."""
    session = create(test_types={test_type.name: test_type.resolve(given or {})}, **of_session)
    mine, test = claim(session), sessions.tests(session.id)[0]
    writes.complete_test(mine, test, {"runs": {"counted": 9, "rejected": 1, "rejectionRate": 0.1}})
    begun = now() - timedelta(seconds=seconds)
    Test.update(started_at=begun, finished_at=begun + timedelta(seconds=seconds)).where(Test.id == test.id).execute()


def asked(
    test_type: TestType, host: str | None = "local", effort: Effort = Effort.STANDARD, **options: Any
) -> tuple[float, float, int, int]:
    by_effort = {each: test_type.resolve(options, each) for each in Effort}
    found = estimate(["tiny:latest"], {test_type: by_effort}, host)
    return *found.durations[effort], len(found.rough), len(found.unknown)


def test_what_was_never_measured_is_unknown_and_adds_nothing() -> None:
    found = estimate(["tiny:latest"], {DECODE: dict.fromkeys(Effort, DECODE.resolve({}))}, "local")
    assert found.durations == dict.fromkeys(Effort, (0, 0))
    assert found.unknown == [Cell("tiny:latest", "decode")]


def test_runs_take_as_long_as_before_and_are_as_many_as_asked_for() -> None:
    measured(DECODE, seconds=20)
    assert asked(DECODE) == (16_000, 40_000, 0, 0)
    assert asked(DECODE, effort=Effort.QUICK) == (6000, 6000, 0, 0)
    assert asked(DECODE, minRepetitions=5, maxRepetitions=5) == (10_000, 10_000, 0, 0)


def test_models_that_took_turns_share_the_time() -> None:
    measured(DECODE, seconds=40, models=[model(), model("small:latest")], order=Order.INTERLEAVED)
    assert asked(DECODE)[:2] == (16_000, 40_000)


def test_each_point_is_measured() -> None:
    measured(PREFILL, seconds=20)
    assert asked(PREFILL, promptTokens=[1, 2]) == (32_000, 80_000, 0, 0)


def test_tests_with_the_same_options_tell_more_than_others() -> None:
    measured(DECODE, seconds=20)
    measured(DECODE, seconds=80, given={"outputTokens": 256})
    assert asked(DECODE)[:2] == (16_000, 40_000)
    assert asked(DECODE, outputTokens=128)[2] == 1


def test_a_test_of_a_given_duration_takes_it_and_what_it_took_besides() -> None:
    measured(SUSTAINED, seconds=70, given={"durationSeconds": 60})
    assert asked(SUSTAINED)[:2] == (610_000, 610_000)


def test_another_host_tells_nothing_unless_any_will_do() -> None:
    measured(DECODE, seconds=20, host="other")
    assert asked(DECODE)[3] == 1
    assert asked(DECODE, host=None)[:2] == (16_000, 40_000)
