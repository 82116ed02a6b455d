"""On the database of every earlier release, each page and route opens, and every record has the present shape."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.records.machine import BaselineRecord
from common.records.runs import LoadedRecord, RequestRecord, RunRecord
from common.records.test_metrics import PARTS, Headline
from common.records.verdicts import VerdictRecord
from common.store.database import database
from common.store.tables import Run, Session, Test
from tests.integration.api.conftest import NewApp
from tests.support import earlier_release

pytestmark = pytest.mark.slow

API = "/api/v1"
PAGES = ("/", "/models", "/new", "/machines", "/machines/one?host=local", "/compare", "/history")
ROUTES = (
    "/test-results",
    "/test-results?format=csv",
    "/test-sessions?results=true",
    "/test-types",
    "/hosts",
    "/models",
    "/histories",
    "/leaderboard",
)
ROUTES_OF_SESSION = ("", "/runs?limit=100", "/telemetry", "/repeats", "/export", "/export?format=csv")


DATABASES = [
    *[("sqlite", release) for release in earlier_release.RELEASES],
    ("postgresql", earlier_release.RELEASES[0]),  # all migrations
    ("postgresql", earlier_release.RELEASES[-1]),
]


@pytest.fixture(params=DATABASES, ids="-".join)
def client(request: pytest.FixtureRequest, new_app: NewApp, tmp_path: Path) -> FlaskClient:
    kind, release = request.param
    is_sqlite = kind == "sqlite"
    url = f"sqlite:///{tmp_path}/earlier.db" if is_sqlite else request.getfixturevalue("postgresql").database()
    earlier_release.write(release, url, tmp_path)
    return new_app(database_url=url).test_client()


def test_every_page_and_route_opens(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    with database.connection_context():
        ids = [session.id for session in Session.select()]
        types = sorted({test.test_type for test in Test.select(Test.test_type)})
        check_shapes()
    of_sessions = [f"/sessions/{session}" for session in ids]
    histories = [f"/history?model=tiny:latest&testType={test_type}" for test_type in types]
    for path in (*PAGES, *histories, *of_sessions, f"/compare?session={'&session='.join(ids)}"):
        answer = client.get(path)
        assert (answer.status_code, answer.text[-8:].strip()) == (200, "</html>"), path
        assert "could not be shown" not in answer.text, path
    for path in (*ROUTES, *(f"/test-sessions/{session}{part}" for session in ids for part in ROUTES_OF_SESSION)):
        assert client.get(f"{API}{path}").status_code == 200, path
    compared = f"{API}/comparisons?baseline={ids[0]}&candidate={','.join(ids[1:12])}"
    assert client.get(compared).status_code == 200
    assert client.get("/metrics").status_code == 200
    estimate = client.post(f"{API}/estimates", json={"models": ["tiny:latest"], "testTypes": ["decode"]})
    assert estimate.get_json()["neverMeasured"] == []
    assert [record.getMessage() for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []
    database.close_all()


def check_shapes() -> None:
    """Check that every record has all keys of its type."""
    for run in Run.select():
        assert has(run.record, RunRecord)
        assert all(has(request, RequestRecord) for request in run.record["requests"])
        assert all(has(model, LoadedRecord) for model in run.record["loaded"])
        assert all(has(verdict, VerdictRecord) for verdict in (*run.record["verdicts"], *run.record["rejected"]))
    for test in Test.select():
        assert test.baseline is None or has(test.baseline, BaselineRecord)
        if test.metrics is not None:
            assert set(PARTS) <= set(test.metrics)
            assert has(test.metrics["headline"], Headline)
            assert all(has(verdict, VerdictRecord) for verdict in test.metrics["verdicts"])


def has(record: Any, shape: Any) -> bool:
    return bool(shape.__required_keys__ <= set(record))
