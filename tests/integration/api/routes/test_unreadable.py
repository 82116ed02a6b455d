"""Stored records that cannot be read: each costs itself, and not the list around it."""

import pytest
from flask.testing import FlaskClient

from common.store.database import database
from common.store.fields import UNREADABLE
from tests.integration.api.conftest import body, get
from tests.support.stored.measured import decode, measured


@pytest.mark.parametrize("text", ["{", "5", ""])
@pytest.mark.parametrize("column", ["models", "test_types", "tags"])
def test_a_session(client: FlaskClient, column: str, text: str) -> None:
    broken, whole = (measured({"decode": decode(40.0, 41.0)}) for _ in range(2))
    database.execute_sql(f"UPDATE session SET {column} = ? WHERE id = ?", (text, broken.id))  # noqa: S608 - a constant
    first, second = get(client, "/test-sessions")["sessions"]
    assert (first["id"], first["message"], first["models"]) == (whole.id, None, ["tiny:latest"])
    assert (second["id"], second["message"], second["models"]) == (broken.id, UNREADABLE, [])
    assert {result["sessionId"] for result in get(client, "/test-results")["results"]} == {broken.id, whole.id}
    alone = client.get(f"/api/v1/test-sessions/{broken.id}")
    assert column == "test_types" or (alone.status_code, body(alone)["message"]) == (500, UNREADABLE)
    get(client, f"/test-sessions/{whole.id}")
    get(client, "/hosts")
    assert client.get("/").status_code == 200
    assert client.delete(f"/api/v1/test-sessions/{broken.id}").status_code == 204


def test_an_inventory(client: FlaskClient) -> None:
    measured({"decode": decode(40.0, 41.0)})
    database.execute_sql("UPDATE hardware SET inventory = '{'")
    [session] = get(client, "/test-sessions")["sessions"]
    assert (session["message"], session["hardware"]) == (UNREADABLE, None)
    [result] = get(client, "/test-results")["results"]
    assert (result["metrics"], result["hardware"]) == ({"finding": UNREADABLE}, None)


@pytest.mark.parametrize("text", ["{", "5"])
def test_metrics_of_a_test(client: FlaskClient, text: str) -> None:
    for name in ("decode", "ttft"):
        measured({name: decode(40.0, 41.0)})
    database.execute_sql(
        "UPDATE result SET metrics = ? WHERE test_id IN (SELECT id FROM test WHERE test_type = 'ttft')", (text,)
    )
    listed = [session["results"][0] for session in get(client, "/test-sessions")["sessions"]]
    for results in (listed, get(client, "/test-results")["results"]):
        findings = {result["testType"]: result["metrics"].get("finding") for result in results}
        assert findings["ttft"] == UNREADABLE != findings["decode"]
    rows = client.get("/api/v1/test-results?format=csv").text.splitlines()
    assert ["unreadable" in row for row in rows] == [False, True, False]
    database.execute_sql("UPDATE test SET started_at = finished_at")
    estimate = client.post("/api/v1/estimates", json={"models": ["tiny"], "testTypes": ["decode", "ttft"]})
    assert (estimate.status_code, len(body(estimate)["neverMeasured"])) == (200, 1)
    broken = get(client, "/test-sessions")["sessions"][0]["id"]
    assert body(client.get(f"/api/v1/test-sessions/{broken}"))["message"] == UNREADABLE


def test_a_run(client: FlaskClient) -> None:
    session = measured({"decode": decode(40.0, 41.0)})
    database.execute_sql("UPDATE run SET record = '{' WHERE repetition = 1")
    first, second = get(client, f"/test-sessions/{session.id}/runs")["runs"]
    assert (first["repetition"], first["record"], first["figures"]) == (1, {"unreadable": UNREADABLE}, {})
    assert second["figures"]
