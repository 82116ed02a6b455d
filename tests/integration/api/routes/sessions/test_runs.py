import csv
import io
import json
import tracemalloc
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.catalogue.metrics import METRICS
from common.store.changes import writes
from common.store.reads import runs as stored_runs
from common.store.tables import Session
from testbed.stored.sessions import finished_run
from tests.integration.api.conftest import body
from tests.support.stored.measured import Plan, begun, decode, measured, prefill
from tests.support.stored.sessions import claimed, queued

NOWHERE = "00000000-0000-7000-8000-000000000000"
REJECTED = {"name": "reloaded", "severity": "rejects", "evidence": {}, "advice": "wait", "point": {}}
RECORD = {"window": [1, 2], "verdicts": [], "rejected": [REJECTED]}


def runs(client: FlaskClient, session: Session, query: str = "") -> Any:
    answer = client.get(f"/api/v1/test-sessions/{session.id}/runs?{query}")
    assert answer.status_code == 200, answer.text
    return body(answer)


def table(client: FlaskClient, session: Session) -> list[dict[str, str]]:
    answer = client.get(f"/api/v1/test-sessions/{session.id}/export?format=csv")
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_run_has_its_point_and_its_record(client: FlaskClient) -> None:
    session = measured({"prefill": prefill({128: [900.0], 1024: [1500.0]}, record=RECORD)})
    found = runs(client, session)
    assert (found["total"], found["page"], found["limit"]) == (2, 1, 50)
    _, last = found["runs"]
    assert last.pop("date").endswith("Z")
    assert last == {
        "modelName": "tiny:latest",
        "testType": "prefill",
        "point": 1,
        "conditions": {"promptTokens": 1024},
        "repetition": 1,
        "figures": {"promptTokensPerSecond": 1500.0},
        "record": RECORD,
    }


def test_runs_are_ordered_by_test_in_pages(client: FlaskClient) -> None:
    session = measured({"decode": decode(1.0, 2.0, 3.0), "prefill": prefill({128: [4.0, 5.0]})})
    measured({"decode": decode(9.0)})
    pages = [runs(client, session, f"limit=2&page={page}")["runs"] for page in (1, 2, 3, 4)]
    assert [[next(iter(run["figures"].values())) for run in page] for page in pages] == [
        [1.0, 2.0],
        [3.0, 4.0],
        [5.0],
        [],
    ]


def test_a_run_has_its_conditions_before_its_test_has_completed(client: FlaskClient) -> None:
    session = begun({"prefix-cache": Plan("timeToFirstToken", [], {"promptTokens": [512]})})
    claim, [test] = claimed(session)
    writes.save_run(claim, finished_run(test, 1, conditions={"promptTokens": 512}))
    assert runs(client, session)["runs"][0]["conditions"] == {"promptTokens": 512}


def test_a_new_session_has_no_runs(client: FlaskClient) -> None:
    session = queued()
    assert runs(client, session)["runs"] == []
    assert table(client, session) == []


@pytest.mark.parametrize("path", ["runs", "export", "export?format=csv"])
def test_an_unknown_session_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/v1/test-sessions/{NOWHERE}/{path}")
    assert answer.status_code == 404
    assert body(answer)["message"] == f"There is no session {NOWHERE}."


@pytest.mark.parametrize("query", ["export?format=xml", "runs?limit=0", "runs?limit=101", "runs?colour=red"])
def test_wrong_parameters_are_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/test-sessions/{queued().id}/{query}").status_code == 422


def test_csv_has_one_row_for_each_run(client: FlaskClient) -> None:
    session = measured(
        {"prefill": prefill({128: [900.0], 1024: [1500.5]}, record=RECORD), "decode": decode(40.0)}, ("a,b:1",)
    )
    first, second, third = table(client, session)
    assert (second["modelName"], second["testType"], second["point"], second["repetition"]) == (
        "a,b:1",
        "prefill",
        "1",
        "1",
    )
    assert (second["conditions.promptTokens"], second["promptTokensPerSecond"]) == ("1024", "1500.5")
    assert (second["rejected"], "verdicts" in second) == ("reloaded", False)
    assert (third["conditions.promptTokens"], third["promptTokensPerSecond"], third["rejected"]) == ("", "", "")
    assert set(first) & set(METRICS) == {"promptTokensPerSecond", "decodeTokensPerSecond"}


def test_json_is_the_session_and_its_runs(client: FlaskClient) -> None:
    session = measured({"decode": decode(40.0, 41.0, record=RECORD)})
    answer = client.get(f"/api/v1/test-sessions/{session.id}/export")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="gait-{session.id}.json"'
    whole = json.loads(answer.text)
    assert whole.pop("runs") == runs(client, session)["runs"]
    assert whole == body(client.get(f"/api/v1/test-sessions/{session.id}"))


def test_a_large_session_is_never_wholly_in_memory(client: FlaskClient) -> None:
    session = begun({"decode": decode()})
    claim, [test] = claimed(session)
    record = {"requests": ["x" * 100_000]}
    for repetition in range(1, 10 * stored_runs.RUNS_AT_ONCE + 2):
        writes.save_run(claim, finished_run(test, repetition, {}, record))
    answer = client.get(f"/api/v1/test-sessions/{session.id}/export", buffered=False)
    tracemalloc.start()
    size = sum(len(piece) for piece in answer.response)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > (10 * stored_runs.RUNS_AT_ONCE + 1) * 100_000
    assert peak < size / 3
