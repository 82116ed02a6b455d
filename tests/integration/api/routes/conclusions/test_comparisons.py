"""Comparisons as an HTTP client reads them: sessions, models, points and spans of time."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.catalogue.test_type import Point
from tests.integration.api.conftest import body
from tests.support.stored.comparable import SLOWER, STEADY, TINY, Rates, nightly, nights, session

SMALL = "small:latest"


@pytest.fixture
def days() -> Iterator[datetime]:
    """Return the times at which sessions end, one a day."""
    return nightly()


def test_the_route_says_what_the_page_shows(client: FlaskClient, days: Iterator[datetime]) -> None:
    *_, one = nights(days, [1, 1.002, 0.998, 1.001, 1])
    [other] = nights(days, [0.95], ollama="0.9.4")
    found = body(client.get(f"/api/v1/comparisons?baseline={one.id}&candidate={other.id}"))
    page = unescape(re.sub(r"<[^>]+>", "", client.get(f"/compare?session={one.id}&session={other.id}").text))
    assert found["sentence"] == "0.95 compared with 1: of 1 headline metric, 1 is slower (decode −5.00 %)."
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
    assert verdict["sentence"].startswith("decode: 0.95 is slower than 1: −5.00 % (")
    shown = " ".join(page.split())
    change, interval = verdict["sentence"].removesuffix(").").split(": ")[-1].split(" (")
    assert change in shown
    assert interval in shown
    assert all(method in shown for method in found["methods"])
    compared, other_one = found["alternatives"]
    assert (compared["title"], compared["letters"], compared["sentence"]) == ("1", ["A"], "")
    assert (other_one["title"], other_one["letters"], other_one["sentence"]) == ("0.95", ["B"], found["sentence"])
    assert other_one["outcomes"] == found["outcomes"]


def test_models_are_compared_with_themselves_in_the_other_session(
    client: FlaskClient, days: Iterator[datetime]
) -> None:
    rates: Rates = {TINY: {0: STEADY}, SMALL: {0: SLOWER}}
    one, other = (session("both", rates, at=next(days)) for _ in range(2))
    for wanted, against in ((one.id, "ABAB"), (f"{one.id}/{SMALL}", "AAA")):
        found = body(client.get("/api/v1/comparisons", query_string={"baseline": wanted, "candidate": other.id}))
        assert "".join(column["against"] for column in found["columns"]) == against
    titles = [each["title"] for each in found["alternatives"]]
    assert found["sentence"].startswith(f"{titles[1]} compared with")


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


def test_two_spans_of_time_are_compared(client: FlaskClient, days: Iterator[datetime]) -> None:
    nights(days, [1, 1.01, 0.99, 1.005, 0.995])
    nights(days, [1, 1], digest="e" * 60)  # another model under the same name
    nights(days, [0.9, 0.91, 0.89, 0.905, 0.895], ollama="0.9.4")
    last = nights(days, [0.5], options={"outputTokens": 16}, host="garage")[0]

    def found(baseline: str, candidate: str, **others: str) -> Any:
        query = {"model": TINY, "testType": "decode", "baseline": baseline, "candidate": candidate, **others}
        return body(client.get("/api/v1/comparisons", query_string=query))

    weeks = found("2026-03-01/2026-03-05", "2026-03-08/2026-03-12")
    [row] = weeks["tests"][0]["rows"]
    before, after = row["cells"]
    assert (before["n"], before["value"], after["n"], after["value"]) == (
        5,
        pytest.approx(100, 1e-3),
        5,
        pytest.approx(90, 1e-3),
    )
    verdict = after["verdict"]
    assert (verdict["outcome"], verdict["method"], verdict["unchangedSessions"]) == ("slower", "spans", 10)
    assert verdict["interval"][0] < verdict["change"] < verdict["interval"][1] < 0
    assert weeks["sentence"].endswith("of 1 headline metric, 1 is slower (decode −10.0 %).")
    assert {"name": "Ollama", "values": {"A": "0.9.3", "B": "0.9.4"}} in weeks["differences"]
    replaced = found("2026-03-01/2026-03-07", "2026-03-08/2026-03-12")
    assert replaced["tests"][0]["obstacles"] == {"B": ["another digest of the model"]}
    assert "5 of the sessions in this span are left out" in replaced["methods"][1]
    few = found("2026-03-01/2026-03-02", "2026-03-08/2026-03-09")["tests"][0]["rows"][0]["cells"][1]["verdict"]
    assert (few["outcome"], few["reasons"]) == ("too few runs to compare", ["too few sessions for a 95 % interval"])
    other = found("2026-03-01/2026-03-05", f"2026-03-13/{last.created_at.year + 1}-01-01", host="garage")
    assert other["tests"][0]["rows"][0]["cells"][0]["absence"] == "no comparable session in this span"
    assert found("2020-01-01/2020-01-02", "2020-01-03/2020-01-04")["tests"] == []
    one, another = found("2026-03-01T00:00/2026-03-02T00:00", "2026-03-01T12:00/2026-03-02T12:00")["alternatives"]
    assert (one["title"], one["sentence"]) == ("2026-03-01 00:00 to 2026-03-02 00:00", "")
    assert another["sentence"].startswith("2026-03-01 12:00 to 2026-03-02 12:00 compared with 2026-03-01 00:00 to ")


@pytest.mark.parametrize(
    ("query", "status", "problem"),
    [
        ("", 422, "baseline"),
        ("baseline=2026-01-01&candidate=2026-01-02/2026-01-03&model=a&testType=decode", 422, "must be FROM/TO"),
        ("baseline=2026-01-02/2026-01-01&candidate=2026-01-02/2026-01-03&model=a&testType=decode", 422, "begins after"),
        ("baseline=2026-01-01/2026-01-02&model=a&testType=decode", 422, "one span of time"),
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
