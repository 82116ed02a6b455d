"""A database of an earlier release, on which every page and route works with the same numbers."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.web.pages.charts.figures import Figure, Trace
from api.web.pages.charts.svg.curves import HEIGHT
from api.web.pages.charts.svg.picture import Picture, picture
from api.web.pages.history import page as history
from api.web.pages.presentation.rendered_parts import KeptParts
from api.web.pages.session import results
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


@pytest.fixture
def figures(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Return a list that gets each chart that a page draws."""
    found: list[Figure] = []

    def draw(figure: Figure, height: float = HEIGHT) -> Picture:
        found.append(figure)
        return picture(figure, height)

    results._cache.clear()  # parts of pages that were rendered already draw nothing
    monkeypatch.setattr(history, "_kept", KeptParts(1))
    client.application.jinja_env.globals["drawn_figure"] = draw
    return found


def numbers(client: FlaskClient, figures: list[Figure], path: str) -> set[str]:
    """Return the numbers of each chart of a page, as JSON. Text on an axis may change."""
    figures.clear()
    assert answer(client, path).text  # it is sent while it is rendered
    return as_json([_numbers(trace, chart) for trace in chart.traces] for chart in figures)


def _numbers(trace: Trace, chart: Figure) -> list[Any]:
    """Return x, y, low, high and which values are hollow."""
    places = [x for x in trace.x if isinstance(x, int | float)]
    if (chart.x.title, chart.y.unit) == (OFFERED_LOAD.title, "%"):
        assert places == sorted(places)  # shares of the capacity in that release, and now the rates themselves
        places = [SHARES[place == places[-1]] for place in places]
    return [places, trace.y, trace.low, trace.high, trace.hollow]


def as_json(charts: Iterable[list[list[Any]]]) -> set[str]:
    """Return each chart once. A trace in which nothing is hollow is like one that does not say."""
    return {
        json.dumps([[*numbers, hollow if any(hollow or ()) else None] for *numbers, hollow in chart])
        for chart in charts
    }


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


def test_each_chart_has_the_same_numbers(client: FlaskClient, ids: dict[str, str], figures: list[Figure]) -> None:
    before = earlier_release.answers()["charts"]
    for name, session in ids.items():
        assert numbers(client, figures, f"/sessions/{session}") >= as_json(before[name])
    document = answer(client, f"{API}/comparisons?baseline={ids['Whole']}&candidate={ids['Every type']}").get_json()
    compared = filter(None, map(_compared, document["tests"]))
    assert sorted(compared, key=str) == sorted(before["/compare"], key=str)
    disturbed = [[[*known, [True] * 3] for *known, _ in chart] for chart in before["/history"]]  # not shown then
    assert numbers(client, figures, "/history?model=tiny:latest&testType=decode") == as_json(disturbed)


def test_every_page_and_route_opens(client: FlaskClient, ids: dict[str, str]) -> None:
    for path in (*PAGES, *(f"{API}{route}" for route in ROUTES)):
        answer(client, path)
    for session in ids.values():
        for part in OF_SESSION:
            answer(client, f"{API}/test-sessions/{session}{part}")


def test_an_estimate_counts_earlier_tests(client: FlaskClient) -> None:
    body = {"models": ["tiny:latest"], "testTypes": ["decode"]}
    assert client.post(f"{API}/estimates", json=body).get_json()["neverMeasured"] == []
