"""Comparisons as data: which method evaluates two columns, what it concludes, and what is not comparable."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.conclusions.comparisons.columns import baselines, columns
from api.conclusions.comparisons.compared_tests import ComparedCell, ComparedTest, Comparer, controlled
from api.conclusions.comparisons.evaluation.verdicts import Method, Verdict
from common.stats.comparing.comparison import Outcome
from common.store.earlier import samples
from common.store.earlier.kept_values import Kept
from common.store.earlier.unchanged import near_tests, unchanged_tests
from common.store.tables import Order, Run, Session
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import body
from tests.support.stored.comparable import SLOWER, STEADY, TINY, Rates, at, nightly, nights, session

pytestmark = pytest.mark.usefixtures("app")

SMALL = "small:latest"
GPU = {**INVENTORY, "gpu": [{"model": "RTX 4090", "driver": "570.1", "memory": 25_000_000_000}]}
DRIVER = {**INVENTORY, "gpu": [{**INVENTORY["gpu"][0], "driver": "6.2"}]}


@pytest.fixture
def days() -> Iterator[datetime]:
    """Return the times at which sessions end, one a day."""
    return nightly()


def compared(*sessions: Session, any_digest: bool = False) -> ComparedTest:
    """Return the comparison of `decode` with the first session."""
    ids = [one.id for one in sessions]
    shown = columns(samples.sessions(ids), [], samples.samples(ids))
    comparer = Comparer(shown, baselines(shown, ids[0]), any_digest=any_digest)
    [test] = controlled([comparer.test("decode")])
    return test


def cell(*sessions: Session, any_digest: bool = False) -> ComparedCell:
    """Return the first cell of the headline metric that is compared."""
    [found, *_] = compared(*sessions, any_digest=any_digest).compared()
    return found


def verdict(*sessions: Session) -> Verdict:
    found = cell(*sessions).verdict
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("factor", "outcome"),
    [(0.95, Outcome.SLOWER), (0.999, Outcome.UNCLEAR), (1.05, Outcome.FASTER)],
)
def test_sessions_are_evaluated_by_the_spread_of_unchanged_ones(
    days: Iterator[datetime], factor: float, outcome: Outcome
) -> None:
    *_, one = nights(days, [1, 1.002, 0.998, 1.001, 1])
    [other] = nights(days, [factor], ollama="0.9.4")
    found = verdict(one, other)
    assert (found.method, found.unchanged, found.outcome) == (Method.SPREAD, 4, outcome)
    back = verdict(other, one)
    inverse = {Outcome.SLOWER: Outcome.FASTER, Outcome.FASTER: Outcome.SLOWER}
    assert back.outcome == inverse.get(outcome, outcome)
    assert 1 + back.difference.change / 100 == pytest.approx(1 / (1 + found.difference.change / 100))


@pytest.mark.parametrize(
    ("changed", "unchanged"),
    [
        ({}, 3),
        ({"ollama": "0.9.5"}, 0),
        ({"digest": "e" * 60}, 0),
        ({"options": {"outputTokens": 16}}, 0),
        ({"options": {"maxRepetitions": 40}}, 3),
        ({"inventory": DRIVER}, 0),
        ({"host": "garage"}, 0),
    ],
)
def test_unchanged_sessions_have_the_same_conditions(
    days: Iterator[datetime], changed: dict[str, Any], unchanged: int
) -> None:
    nights(days, [1, 1.002, 0.998], **changed)
    one, other = nights(days, [1, 0.95])
    found = verdict(one, other)
    assert found.unchanged == unchanged
    assert found.outcome == (Outcome.SLOWER if unchanged else Outcome.UNEXPLAINED)


def test_both_sides_of_a_change_inform_the_spread(days: Iterator[datetime]) -> None:
    *_, one = nights(days, [1, 1.001])
    *_, last = nights(days, [0.95, 0.951, 0.9505], ollama="0.9.4")
    assert verdict(one, last).method == Method.RUNS
    nights(days, [1, 1.001])
    found = verdict(one, last)
    assert (found.unchanged, found.outcome) == (5, Outcome.SLOWER)


def test_an_unknown_change_between_two_sessions_is_no_spread(days: Iterator[datetime]) -> None:
    before = nights(days, [1, 1.002, 0.999, 1.001])
    after = nights(days, [0.9, 0.902, 0.899, 0.901])
    found = verdict(before[-1], after[0])
    assert (found.unchanged, found.outcome) == (6, Outcome.SLOWER)


def test_results_that_are_kept_stay_measured_when_others_are_read(
    days: Iterator[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_kept", Kept(3))
    monkeypatch.setattr(near_tests, "_kept", Kept(3))
    found = nights(days, [1, 1.002, 0.998, 1.001, 1])
    for count in (2, 3, 5, 4, 5):
        [row] = compared(*found[:count]).rows
        assert [each.statistic is not None for each in row.cells] == [True] * count
        assert [each.verdict.unchanged for each in row.cells if each.verdict] == [3] * (count - 1)


@pytest.mark.parametrize(("others", "known"), [(0, 2), (3, 0)])
def test_unchanged_sessions_are_looked_for_near_each_session(
    days: Iterator[datetime], monkeypatch: pytest.MonkeyPatch, others: int, known: int
) -> None:
    """They are the same, whichever other sessions are compared."""
    monkeypatch.setattr(unchanged_tests, "MAX_UNCHANGED", 2)
    monkeypatch.setattr(unchanged_tests, "MAX_CANDIDATES", 3)
    alike = []
    for _ in range(5 - others // 2):
        alike += nights(days, [1])
        nights(days, [1] * others, options={"promptTokens": 77})
    ids = [alike[0].id, alike[-1].id]
    shown = columns(samples.sessions(ids), [], samples.samples(ids))
    asked = [(test, column.conditions(test)) for column in shown for test in column.tests.values()]
    alone = [unchanged_tests.unchanged([one]) for one in asked]
    assert unchanged_tests.unchanged(asked) == alone[0] | alone[1]
    assert [len(found) for one in alone for found in one.values()] == [known] * 2


def test_models_that_took_turns_are_paired(days: Iterator[datetime]) -> None:
    drifting = [100.0 - block for block in range(12)]
    rates: Rates = {SMALL: {0: tuple(drifting)}, TINY: {0: tuple(rate * 0.99 for rate in drifting)}}
    found = verdict(session("both", rates, order=Order.INTERLEAVED, at=next(days)))
    assert (found.method, found.outcome) == (Method.PAIRED, Outcome.SLOWER)
    one_after_the_other = verdict(session("both", rates, at=next(days)))
    assert (one_after_the_other.method, one_after_the_other.outcome) == (Method.RUNS, Outcome.UNCLEAR)
    apart: Rates = {SMALL: {0: STEADY}, TINY: {0: SLOWER}}
    assert cell(session("apart", apart, at=next(days))).outcome == Outcome.UNEXPLAINED_HERE


def test_models_measured_one_after_the_other_use_the_spread_of_both(days: Iterator[datetime]) -> None:
    def both(factor: float, other: float) -> Session:
        rates: Rates = {SMALL: at(factor)[TINY], TINY: at(other)[TINY]}
        return session("both", rates, at=next(days))

    for factor in (1, 1.002, 0.998):
        both(factor, 2 - factor)
    found = verdict(both(1, 1.1))
    assert (found.method, found.unchanged, found.outcome) == (Method.SPREAD, 6, Outcome.FASTER)


@pytest.mark.parametrize("runs", [3, 5])
def test_few_runs_are_compared_if_the_spread_is_known(days: Iterator[datetime], runs: int) -> None:
    one = session("one", at(1, runs), at=next(days))
    other = session("other", at(0.9, runs), at=next(days))
    assert cell(one, other).outcome == Outcome.TOO_FEW
    nights(days, [1, 1.002, 0.998])
    assert cell(one, other).outcome == Outcome.SLOWER


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"options": {"outputTokens": 16}}, ["other options (outputTokens)"]),
        ({"options": {"maxRepetitions": 40}}, []),
        ({"inventory": GPU}, ["other hardware (GPU)"]),
        ({"inventory": DRIVER}, []),
        ({"inventory": None}, []),
        ({"inventory": None, "host": "garage"}, []),
        ({"inventory": GPU, "host": "garage"}, []),
        ({"ollama": "0.9.4", "host": "garage"}, []),
        ({"digest": "f" * 60}, ["another digest of the model"]),
        ({"engine": "llama-server"}, ["another engine (llama-server instead of built-in)"]),
    ],
)
def test_what_is_not_comparable_says_why(days: Iterator[datetime], changed: dict[str, Any], reasons: list[str]) -> None:
    one = session("one", at(1), at=next(days), engine="built-in")
    other = session("other", at(0.9), at=next(days), **{"engine": "built-in", **changed})
    test = compared(one, other)
    assert test.obstacles == ({"B": reasons} if reasons else {})
    assert test.compared()[0].outcome == (Outcome.INCOMPARABLE if reasons else Outcome.UNEXPLAINED)


def test_a_replaced_model_is_compared_if_that_is_asked(days: Iterator[datetime]) -> None:
    one, other = session("one", at(1), at=next(days)), session("other", at(0.9), at=next(days), digest="f" * 60)
    assert cell(one, other, any_digest=True).outcome == Outcome.UNEXPLAINED


def test_among_many_comparisons_a_difference_must_be_clearer(days: Iterator[datetime]) -> None:
    *_, one = nights(days, [1, 1.004, 0.996, 1.002, 1])
    [changed] = nights(days, [0.97], ollama="0.9.4")
    assert cell(one, changed).outcome == Outcome.SLOWER
    same = [session("same", {SMALL: {0: STEADY}}, at=next(days)) for _ in range(6)]
    among = cell(one, changed, *same)
    assert (among.outcome, among.verdict and among.verdict.hidden) == (Outcome.UNCLEAR, True)


def test_repeats_tell_which_change_would_show(client: FlaskClient, days: Iterator[datetime]) -> None:
    together = nights(days, [1, 1.01, 0.99])
    Session.update(group="g").where(Session.id.in_([one.id for one in together])).execute()
    found = body(client.get(f"/api/v1/test-sessions/{together[1].id}/repeats"))
    assert found["sessions"] == [one.id for one in together]
    assert found["ended"] == 3
    [test] = found["tests"]
    assert (test["modelName"], test["testType"], test["relative"]) == (TINY, "decode", True)
    assert test["spread"] == pytest.approx(1, rel=0.02)
    assert test["smallestChange"] > 2 * test["spread"]
    assert test["usefulRuns"] >= 1
    page = client.get(f"/sessions/{together[1].id}").text
    assert "Session 2 of 3 with the same choices on local" in " ".join(page.split())


def test_two_repeats_tell_no_spread(client: FlaskClient, days: Iterator[datetime]) -> None:
    together = nights(days, [1, 1.01])
    Session.update(group="g").execute()
    [test] = body(client.get(f"/api/v1/test-sessions/{together[0].id}/repeats"))["tests"]
    assert (len(test["medians"]), test["spread"], test["smallestChange"], test["usefulRuns"]) == (2, None, None, None)


@pytest.mark.parametrize(("before", "outcome"), [(5, Outcome.SLOWER), (1, Outcome.TOO_FEW)])
def test_sessions_are_compared_after_their_runs_were_deleted(
    days: Iterator[datetime], before: int, outcome: Outcome
) -> None:
    *_, one = nights(days, [1, 1.002, 0.998, 1.001, 1][:before])
    [other] = nights(days, [0.95], ollama="0.9.4")
    Run.delete().execute()
    found = verdict(one, other)
    assert found.outcome == outcome
    assert found.difference.change == pytest.approx(-5)
    assert (found.difference.interval is None) == found.runs_deleted == (outcome == Outcome.TOO_FEW)
    compared_cell = cell(one, other).statistic
    assert compared_cell is not None
    assert compared_cell["value"] == pytest.approx(95)
    assert compared_cell["n"] == 8
