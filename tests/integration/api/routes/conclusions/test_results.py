from typing import Any

import pytest
from flask.testing import FlaskClient

from common.catalogue.metrics import METRICS as KNOWN
from common.machines.fingerprint import fingerprint
from common.records.test_metrics import headline_metrics
from common.store.tables import Hardware, Session, Test
from common.values.units import now
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import body
from tests.support.stored.sessions import HARDWARE, METRICS, finished, queued

TODAY = now().date().isoformat()


def get(client: FlaskClient, query: str = "") -> Any:
    answer = client.get(f"/api/v1/test-results?{query}")
    assert answer.status_code == 200, answer.text
    return body(answer)


def test_a_result(client: FlaskClient) -> None:
    session = finished()
    queued()
    answer = get(client, "testType=decode")
    [result] = answer.pop("results")
    assert answer == {"total": 1, "page": 1, "limit": 100}
    assert result.pop("date").startswith(TODAY[:4])
    assert result == {
        "sessionId": session.id,
        "modelName": "tiny:latest",
        "testType": "decode",
        "hardware": HARDWARE,
        "metrics": {**headline_metrics(METRICS), "statistics": METRICS["statistics"]},
        "grade": "clean",
    }


def test_results_can_be_filtered(client: FlaskClient) -> None:
    finished("tiny:latest")
    finished("small:latest", host="Garage")
    for query, total in {
        "": 4,
        "modelName=tiny": 2,
        "modelName=tiny:latest": 2,
        "modelName=huge": 0,
        "testType=ttft": 2,
        f"hardwareConfig={fingerprint(INVENTORY)}": 4,
        f"hardwareConfig=sha256:{fingerprint(INVENTORY)}": 4,
        "hardwareConfig=garage": 2,
        "hardwareConfig=radeon": 4,
        "hardwareConfig=geforce": 0,
        f"dateRange[start]={TODAY}&dateRange[end]={TODAY}": 4,
        "dateRange[end]=2020-01-01": 0,
        "dateRange[start]=9999-12-31T23:59:59.999Z": 0,
        "modelName=small&testType=decode&hardwareConfig=ryzen": 1,
    }.items():
        assert get(client, query)["total"] == total, query


def test_an_older_fingerprint_of_a_session_is_kept(client: FlaskClient) -> None:
    session = finished()
    row = Hardware.get()
    Hardware.create(digest="d", fingerprint="0123456789ab", inventory=row.inventory, text=row.text)
    Session.update(hardware="d").where(Session.id == session.id).execute()
    Test.update(inventory="d").where(Test.session == session.id).execute()
    answer = get(client, "hardwareConfig=0123456789ab&testType=decode")
    assert [result["hardware"]["fingerprint"]["id"] for result in answer["results"]] == ["0123456789ab"]


def test_pages(client: FlaskClient) -> None:
    for _ in range(3):
        finished()
    assert [len(get(client, f"limit=4&page={page}")["results"]) for page in (1, 2, 3)] == [4, 2, 0]


@pytest.mark.parametrize("query", ["metrics=tokensPerSecond,ramUsage", "metrics=tokensPerSecond&metrics=ramUsage"])
def test_metrics_are_selected(client: FlaskClient, query: str) -> None:
    finished()
    picked = get(client, query)["results"][0]["metrics"]
    assert picked == {"tokensPerSecond": 42.0, "statistics": {"tokensPerSecond": {"value": 42.0, "n": 3}}}


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ("metrics=speed", {"metrics": {"0": [f"must be one of {', '.join(KNOWN)}"]}}),
        (
            "dateRange[start]=yesterday",
            {"dateRange[start]": ["must be a date or a time in ISO 8601, or milliseconds since 1970 (13 digits)"]},
        ),
        (
            "dateRange[end]=0001-01-01T00:00:00%2B14:00",
            {"dateRange[end]": ["must be a date or a time in ISO 8601, or milliseconds since 1970 (13 digits)"]},
        ),
        ("dateRange[start]=2026-02-02&dateRange[end]=2026-02-01", {"dateRange[start]": ["is after dateRange[end]"]}),
        ("limit=1001", {"limit": ["Must be greater than or equal to 1 and less than or equal to 1000."]}),
    ],
)
def test_bad_queries_are_refused_by_field(client: FlaskClient, query: str, details: dict[str, Any]) -> None:
    answer = client.get(f"/api/v1/test-results?{query}")
    assert answer.status_code == 422
    assert body(answer)["details"] == details


def test_a_day_includes_its_last_moment(client: FlaskClient) -> None:
    finished()
    assert (
        get(client, f"dateRange[start]={TODAY}T00:00:00%2B00:00&dateRange[end]={TODAY}T23:59:59.999999Z")["total"] == 2
    )
