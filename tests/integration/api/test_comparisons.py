"""Comparisons as data: which method judges two columns, what it concludes, and what is not comparable."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.comparisons.columns import baselines, columns
from api.comparisons.tests import ComparedCell, ComparedTest, Comparer, controlled
from api.comparisons.verdicts import Method, Verdict
from common.catalogue.test_type import Point
from common.stats.comparing.comparison import Outcome
from common.store.earlier import samples
from common.store.tables import Order, Session
from testbed.inventory import INVENTORY
from tests.integration.api.conftest import body
from tests.support.comparable import SLOWER, STEADY, Rates, session

pytestmark = pytest.mark.usefixtures("app")

TINY = "tiny:latest"
SMALL = "small:latest"
DAY = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - as the database keeps times
GPU = {**INVENTORY, "gpu": [{"model": "RTX 4090", "driver": "570.1", "memory": 25_000_000_000}]}
DRIVER = {**INVENTORY, "gpu": [{**INVENTORY["gpu"][0], "driver": "6.2"}]}


@pytest.fixture
def days() -> Iterator[datetime]:
    """Return the times at which sessions end, one a day."""
    return (DAY + timedelta(days=number) for number in range(100))


def at(factor: float, runs: int = 8) -> Rates:
    """Return steady rates of one model, times a factor."""
    return {TINY: {0: tuple(value * factor for value in (STEADY * 3)[:runs])}}


def nights(days: Iterator[datetime], factors: list[float], **changed: Any) -> list[Session]:
    return [session(f"{factor}", at(factor), at=next(days), **changed) for factor in factors]


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
def test_sessions_are_judged_by_the_spread_of_unchanged_ones(
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
        ({"inventory": None, "host": "garage"}, ["other hardware (unknown)"]),
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


def test_the_route_says_what_the_page_shows(client: FlaskClient, days: Iterator[datetime]) -> None:
    *_, one = nights(days, [1, 1.002, 0.998, 1.001, 1])
    [other] = nights(days, [0.95], ollama="0.9.4")
    found = body(client.get(f"/api/v1/comparisons?baseline={one.id}&candidate={other.id}"))
    page = unescape(re.sub(r"<[^>]+>", "", client.get(f"/compare?session={one.id}&session={other.id}").text))
    assert found["sentence"] == "Compared with A · 1, of 1 headline metric: 1 is slower (decode: B)."
    assert found["differences"] == [{"name": "Ollama", "values": {"A": "0.9.3", "B": "0.9.4"}}]
    [row] = [row for row in found["tests"][0]["rows"] if row["isHeadline"]]
    baseline, compared = row["cells"]
    assert (baseline["verdict"], compared["against"]) == (None, "A")
    verdict = compared["verdict"]
    assert (verdict["outcome"], verdict["method"], verdict["confidence"]) == ("slower", "spread", 97)
    assert verdict["change"] == pytest.approx(-5)
    assert verdict["interval"][0] < -5 < verdict["interval"][1] < 0
    assert (verdict["reasons"], verdict["unchangedSessions"], verdict["changeUnit"]) == ([], 4, "%")
    assert verdict["smallestChange"] > 0
    told = verdict["sentence"].removeprefix("decode: B is slower than A: ").removesuffix(".")
    assert told in " ".join(page.split())
    assert all(method.removeprefix("B: ") in " ".join(page.split()) for method in found["methods"])


def test_models_are_compared_with_themselves_in_the_other_session(
    client: FlaskClient, days: Iterator[datetime]
) -> None:
    rates: Rates = {TINY: {0: STEADY}, SMALL: {0: SLOWER}}
    one, other = (session("both", rates, at=next(days)) for _ in range(2))
    for wanted, against in ((one.id, "AAAB"), (f"{one.id}/{SMALL}", "AAA")):
        found = body(client.get("/api/v1/comparisons", query_string={"baseline": wanted, "candidate": other.id}))
        assert "".join(column["against"] for column in found["columns"]) == against
    page = client.get(f"/compare?session={one.id}&session={other.id}").text
    assert ", compared with B" in page


def test_points_are_compared_block_by_block(client: FlaskClient, days: Iterator[datetime]) -> None:
    drifting = [100.0 - block for block in range(12)]
    points: tuple[Point, ...] = ({"promptTokens": 64}, {"promptTokens": 128})
    rates: Rates = {TINY: {0: tuple(drifting), 1: tuple(rate * 0.98 for rate in drifting)}}
    one = session("points", rates, points=points, at=next(days), in_blocks=True)
    [test] = body(client.get(f"/api/v1/comparisons?baseline={one.id}"))["tests"]
    [compared] = test["points"]
    assert compared["main"] == points[0]
    main, other = compared["points"]
    assert main["verdict"] is None
    assert (other["verdict"]["outcome"], other["verdict"]["method"]) == ("slower", "paired")
    assert other["verdict"]["sentence"].startswith("decode: 128 prompt tokens is slower than 64 prompt tokens: −2.00 %")
    assert "The points compared with each other" in client.get(f"/compare?session={one.id}").text
    apart = session("apart", rates, points=points, at=next(days))
    assert body(client.get(f"/api/v1/comparisons?baseline={apart.id}"))["tests"][0]["points"] == []


@pytest.mark.parametrize(
    ("query", "status", "problem"),
    [
        ("", 422, "baseline"),
        ("baseline=x", 404, "There is no session x."),
        ("baseline={0}/nothing", 404, "with the model nothing:latest"),
        ("baseline={0}&candidate={0}", 200, None),
        ("baseline={0}&candidate={1}&digests=all", 422, "digests"),
        ("baseline={0}&testType=decode", 422, "needs model"),
        ("baseline={0}&session={1}", 422, "is unknown"),
    ],
)
def test_parameters_of_comparisons(
    client: FlaskClient, days: Iterator[datetime], query: str, status: int, problem: str | None
) -> None:
    ids = [one.id for one in nights(days, [1, 1])]
    answer = client.get(f"/api/v1/comparisons?{query.format(*ids)}")
    assert answer.status_code == status
    assert problem is None or problem in answer.text
