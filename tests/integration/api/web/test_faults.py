"""A fault while a section of a page is made costs that section, which says so."""

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from api.conclusions.comparisons.compared_tests import Comparer
from api.web.pages.comparison import sections
from api.web.pages.history.timeline import HistoryTimeline
from api.web.pages.session import results
from common.records.test_metrics import spread
from common.store.database import database, open_database
from common.store.reads import runs
from common.store.tables import Result, Test
from testbed.servers.api_server import ApiServer
from tests.integration.api.conftest import HEADER
from tests.support.stored.measured import decode, measured
from tests.support.stored.sessions import finished, queued

NOTICE = "could not be shown. The log of the API has the cause. Reload the page to try again."
SECTION = f"This section {NOTICE}"


def fail(*_: object, **__: object) -> NoReturn:
    raise KeyError("point")


def fails_for(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that fails if its first argument is `name`."""
    return lambda first, *others: fail() if first == name else real(first, *others)


def faults(client: FlaskClient) -> float:
    """Return the number of sections that could not be shown so far."""
    [line] = [line for line in client.get("/metrics").text.splitlines() if line.startswith("gait_page_faults_total ")]
    return float(line.split()[1])


def opened(client: FlaskClient, path: str, caplog: pytest.LogCaptureFixture, fault: str = SECTION) -> str:
    """Open a page with one fault, which is logged and counted. Return its text."""
    before = faults(client)
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.text.rstrip().endswith("</html>")
    assert html.unescape(answer.text).count(fault) == 1
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert path.partition("?")[0] in record.getMessage()
    assert record.exc_info
    assert faults(client) == before + 1
    return answer.text


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("machine_in_short", "The session"),
        ("options_of", "How to reproduce the session"),
        ("machine_of", "Machine"),
    ],
)
def test_a_section_of_an_ended_session(app: Flask, caplog: pytest.LogCaptureFixture, broken: str, fault: str) -> None:
    session = finished()
    app.jinja_env.globals[broken] = fail
    text = opened(app.test_client(), f"/sessions/{session.id}", caplog)
    assert f"<h2>{fault}</h2>" in text
    for section in ("test-decode", "test-ttft", "telemetry", "hero"):
        assert f'id="{section}"' in text


def test_the_progress_of_a_session(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    session = queued()
    app.jinja_env.globals["waiting"] = fail
    text = opened(app.test_client(), f"/sessions/{session.id}", caplog)
    assert "Session ID" in text


def test_a_test_type_of_a_session(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = finished()
    rendered = results.Results.section
    monkeypatch.setattr(
        results.Results, "section", lambda found, name: fail() if name == "ttft" else rendered(found, name)
    )
    text = opened(client, f"/sessions/{session.id}", caplog)
    assert 'id="test-decode"' in text
    assert 'id="test-ttft"' not in text
    assert "<h2>ttft</h2>" in text


@pytest.mark.parametrize(
    ("path", "metrics", "faults", "whole"),
    [
        ("/sessions/{0}", {"verdicts": [1]}, 1, 'id="test-decode"'),
        ("/compare?session={0}&session={1}", {"points": [{}]}, 1, 'id="type-decode"'),
        ("/", {"statistics": 5}, 0, 'href="/sessions/{1}"'),
        ("/history?model=tiny:latest&testType=ttft", {"headline": 5, "statistics": 5}, 0, "<h1>History"),
    ],
)
def test_results_that_cannot_be_read(
    client: FlaskClient, path: str, metrics: dict[str, Any], faults: int, whole: str
) -> None:
    """Check that what is stored in another shape costs the sections that show it."""
    broken, other = finished(), finished()
    ttft = Test.select(Test.id).where(Test.session == broken.id, Test.test_type == "ttft")
    columns = {
        **spread({**metrics, "verdicts": []}),
        "details": spread({**metrics, "verdicts": []})["details"] | metrics,
    }
    Result.update(**columns).where(Result.test.in_(ttft)).execute()
    answer = client.get(path.format(broken.id, other.id))
    assert answer.status_code == 200
    assert answer.text.count(SECTION) == faults
    assert whole.format(broken.id, other.id) in answer.text
    assert answer.text.rstrip().endswith("</html>")


def test_a_fault_between_two_sections(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check that it costs the rest of the page, and that the HTML stays whole."""
    session = finished()
    monkeypatch.setattr(runs, "newest_lines", fail)
    Test.update(status="running").execute()
    type(session).update(status="running").execute()
    text = opened(client, f"/sessions/{session.id}", caplog, f"The rest of this page {NOTICE}")
    assert 'id="session-header"' in text


def test_a_fault_before_the_first_section(app: Flask) -> None:
    session = finished()
    app.jinja_env.filters["called"] = fail
    answer = app.test_client().get(f"/sessions/{session.id}")
    assert answer.status_code == 500
    assert answer.text.rstrip().endswith("</html>")


@pytest.mark.parametrize(("owner", "name"), [(Comparer, "test"), (sections, "section")])
def test_a_section_of_a_comparison(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    first, second = finished(), finished()
    real = getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *given: fail() if "ttft" in map(_name, given) else real(*given))
    text = opened(client, f"/compare?session={first.id}&session={second.id}", caplog)
    assert 'id="type-decode"' in text
    assert "<h2>ttft</h2>" in text


def _name(given: object) -> object:
    return getattr(given, "name", given)


def test_a_section_of_a_history(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured({"decode": decode(40.0, 41.0)})
    measured({"decode": decode(42.0, 43.0)})
    monkeypatch.setattr(HistoryTimeline, "figure", fail)
    text = opened(client, "/history?model=tiny:latest&testType=decode", caplog)
    assert "<h2>Sessions</h2>" in text


def test_a_machine(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    real: Any = app.jinja_env.globals["machine_at"]
    app.jinja_env.globals["machine_at"] = lambda host: fail() if host["name"] == "other" else real(host)
    assert 'data-host="local"' in opened(app.test_client(), "/machines", caplog)


def test_a_line_of_the_list(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = finished(), finished()
    real: Any = app.jinja_env.globals["row_of"]
    app.jinja_env.globals["row_of"] = lambda group, data: fail() if group.key == broken.series else real(group, data)
    text = opened(app.test_client(), "/", caplog)
    assert f'href="/sessions/{whole.id}"' in text


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_export_with_a_fault_is_not_taken_for_a_whole_one(server: ApiServer, folder: Path, encoding: str) -> None:
    open_database(f"sqlite:///{folder}/gait.db")
    session = measured({"decode": decode(*range(40, 140))})
    database.execute_sql("UPDATE run SET at = 'never' WHERE repetition = 100")
    headers = {**HEADER, "Accept-Encoding": encoding}
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        server.get(f"/api/v1/test-sessions/{session.id}/export", headers)
