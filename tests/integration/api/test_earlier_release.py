"""A database of an earlier release, on which every page and route works with the same numbers."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.catalogue.charts import OFFERED_LOAD
from common.store.database import database
from tests.integration.api.conftest import NewApp
from tests.support import earlier_release

pytestmark = pytest.mark.slow

API = "/api/v1"
PAGES = ("/", "/new", "/machines", "/machines/one?host=local", "/compare", "/history", "/metrics")
ROUTES = ("/test-results", "/test-results?format=csv", "/test-sessions", "/test-types", "/hosts", "/models")
OF_SESSION = ("", "/runs", "/telemetry", "/repeats", "/export", "/export?format=csv")
SHARES = (50, 100)
"""The loads of the stored test `open-loop`, in percent of the capacity."""
CHART = re.compile(r"data-chart='(.*?)'", re.DOTALL)


@pytest.fixture(params=["sqlite", "postgresql"])
def client(request: pytest.FixtureRequest, new_app: NewApp, tmp_path: Path) -> Iterator[FlaskClient]:
    if request.param == "sqlite":
        path = tmp_path / "earlier.db"
        earlier_release.write_sqlite(path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgresql").database()
        earlier_release.write_postgresql(url, tmp_path / "earlier.db")
    yield new_app(database_url=url).test_client()
    database.close_all()


@pytest.fixture
def ids(client: FlaskClient) -> dict[str, str]:
    """Return the sessions' ids by name."""
    listed = answer(client, f"{API}/test-sessions?limit=100").get_json()["sessions"]
    return {session["name"]: session["id"] for session in listed}


def answer(client: FlaskClient, path: str) -> Any:
    found = client.get(path)
    assert found.status_code == 200, (path, found.text)
    return found


def numbers(text: str) -> list[list[list[Any]]]:
    """Return x, y, low, high and hollow of each trace of each chart of a page. Text on an axis may change."""
    charts = [json.loads(html.unescape(chart)) for chart in CHART.findall(text)]
    return [[_numbers(trace, chart) for trace in chart["traces"]] for chart in charts]


def _numbers(trace: dict[str, Any], chart: dict[str, Any]) -> list[Any]:
    places = [x for x in trace["x"] if not isinstance(x, str)]
    if (chart["x"]["title"], chart["y"]["unit"]) == (OFFERED_LOAD.title, "%"):
        assert places == sorted(places)  # shares of the capacity in that release, and now the rates themselves
        places = [SHARES[place == places[-1]] for place in places]
    return [places, trace["y"], trace["low"], trace["high"], trace["hollow"]]


def _compared(test: dict[str, Any]) -> list[list[Any]]:
    """Return the numbers of a compared test as that release drew them: a bar for each column, or a line."""
    rows = [row["cells"] for row in test["rows"] if row["isHeadline"]]
    columns = rows if len(rows) == 1 else [list(cells) for cells in zip(*rows, strict=True)]
    traces = [_trace(cells) for cells in columns if any(cell["value"] is not None for cell in cells)]
    return [[[], *trace, None] for trace in traces]


def _trace(cells: list[dict[str, Any]]) -> list[list[Any]]:
    bounds = [cell["ci95"] or (None, None) for cell in cells]
    return [[cell["value"] for cell in cells], [low for low, _ in bounds], [high for _, high in bounds]]


def test_each_run_has_the_same_conditions(client: FlaskClient, ids: dict[str, str]) -> None:
    """Check that the conditions of unfinished tests' runs are known."""
    for name, expected in earlier_release.answers()["runs"].items():
        found = answer(client, f"{API}/test-sessions/{ids[name]}/runs?limit=100").get_json()["runs"]
        for run, (model, test_type, point, conditions, repetition) in zip(found, expected, strict=True):
            now = (run["modelName"], run["testType"], run["point"], run["repetition"])
            assert now == (model, test_type, point, repetition)
            assert conditions in (None, run["conditions"])


def test_each_phase_has_the_same_point(client: FlaskClient, ids: dict[str, str]) -> None:
    before = earlier_release.answers()
    fields = ("modelName", "testType", "phase", "point", "repetition")
    for name, expected in before["phases"].items():
        found = answer(client, f"{API}/test-sessions/{ids[name]}/telemetry").get_json()
        assert [[phase[field] for field in fields] for phase in found["phases"]] == expected
        assert len(found["at"]) == before["readings"][name]


def test_each_chart_has_the_same_numbers(client: FlaskClient, ids: dict[str, str]) -> None:
    before = earlier_release.answers()["charts"]
    for name, session in ids.items():
        assert numbers(answer(client, f"/sessions/{session}").text) == before[name]
    document = answer(client, f"{API}/comparisons?baseline={ids['Whole']}&candidate={ids['Every type']}").get_json()
    compared = filter(None, map(_compared, document["tests"]))
    assert sorted(compared, key=str) == sorted(before["/compare"], key=str)
    assert numbers(answer(client, "/history?model=tiny:latest&testType=decode").text) == before["/history"]


def test_every_page_and_route_opens(client: FlaskClient, ids: dict[str, str]) -> None:
    for path in (*PAGES, *(f"{API}{route}" for route in ROUTES)):
        answer(client, path)
    for session in ids.values():
        for part in OF_SESSION:
            answer(client, f"{API}/test-sessions/{session}{part}")


def test_an_estimate_counts_earlier_tests(client: FlaskClient) -> None:
    body = {"models": ["tiny:latest"], "testTypes": ["decode"]}
    assert client.post(f"{API}/estimates", json=body).get_json()["neverMeasured"] == []
