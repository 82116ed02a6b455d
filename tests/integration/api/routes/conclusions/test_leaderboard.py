"""The leaderboard: one entry for each model on each host, ranked by their intervals."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.store.search_tables import SessionTag
from common.store.tables import Result, Session, Test
from tests.integration.api.conftest import body
from tests.support.stored.comparable import STEADY, session

DAY = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - as the database keeps times


def measured(model: str, factor: float, day: int, *, runs: int = 8, **others: Any) -> Session:
    rates = tuple(factor * rate for rate in STEADY[:runs])
    return session(f"{model} {day}", {model: {0: rates}}, at=DAY + timedelta(days=day), **others)


def board(client: FlaskClient, **query: str) -> Any:
    return body(client.get("/api/v1/leaderboard", query_string={"testType": "decode", **query}))


def ranks(found: Any) -> list[tuple[int | None, str, str]]:
    return [(entry["rank"], entry["modelName"], entry["host"]) for entry in found["entries"]]


@pytest.mark.usefixtures("app")
def test_the_newest_results_are_ranked_by_their_intervals(client: FlaskClient) -> None:
    measured("a:1", 9, 0)  # replaced by a newer one
    measured("a:1", 1, 1)
    measured("a:1", 2, 1, host="garage")
    measured("b:1", 1.001, 2)
    measured("b:1", 5, 3, options={"outputTokens": 16})  # not comparable
    measured("c:1", 3, 2, runs=3)
    Result.update(grade="clean").where(Result.test.in_(Test.select(Test.id).where(Test.model == "a:1"))).execute()
    found = board(client)
    assert ranks(found) == [(1, "a:1", "garage"), (2, "b:1", "local"), (2, "a:1", "local"), (None, "c:1", "local")]
    assert found["sentence"] == "a:1 on garage is clearly ahead."
    assert found["others"] == [{"options": "outputTokens 16, promptTokens 64", "results": 1}]
    first, *_, last = found["entries"]
    assert first["sentence"].startswith("a:1 on garage: 200 tok/s (199 to 201), clean, ")
    assert (first["reasons"], first["grade"], last["grade"], last["ci95"]) == ([], "clean", None, None)
    assert last["reasons"][0] == "too few runs for an interval, so it has no rank"
    assert ranks(board(client, host="garage")) == [(1, "a:1", "garage")]
    assert ranks(board(client, model="b:1", options="outputTokens 16, promptTokens 64")) == [(1, "b:1", "local")]
    assert ranks(board(client, metric="loadTime")) == []
    assert [entry["value"] for entry in board(client, metric="inferenceTime")["entries"]] == []


@pytest.mark.usefixtures("app")
def test_a_tag_finds_the_newest_result_that_has_it(client: FlaskClient) -> None:
    tagged = measured("a:1", 1, 0)
    measured("a:1", 2, 1)
    SessionTag.create(session=tagged, tag="nightly")
    assert [entry["sessionId"] for entry in board(client, tag="Nightly")["entries"]] == [tagged.id]
    assert board(client, tag="unknown")["entries"] == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [("metric=nothing", "is not a metric"), ("models=a", "Use model."), ("options=&host=", None)],
)
def test_parameters(client: FlaskClient, query: str, problem: str | None) -> None:
    answer = client.get(f"/api/v1/leaderboard?{query}")
    assert (answer.status_code == 200) == (problem is None)
    assert problem is None or problem in answer.text
