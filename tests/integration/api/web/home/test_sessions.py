"""The list of sessions."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.web.pages.home.rows import SessionRow, read, row_of
from common.stats.comparing.comparison import Outcome
from common.store.changes import writes
from common.store.reads.lists import series
from common.store.reads.lists.pages import Page
from common.values.units import now
from tests.integration.api.conftest import NewApp
from tests.support.stored.comparable import STEADY, session
from tests.support.stored.regressions import stored
from tests.support.stored.sessions import claimed, finished, queued

METRICS = {
    "headline": {"name": "tokensPerSecond", "unit": "tokens/s", "point": {}},
    "statistics": {"tokensPerSecond": {"median": 42.0, "ci95": [41.0, 43.0], "unit": "tokens/s", "n": 5}},
    "runs": {"counted": 5, "rejected": 0, "rejectionRate": 0.0},
}


def only_row(app: Flask) -> SessionRow:
    """Return the row of the only series."""
    with app.app_context():
        [group], has_more = series.page(Page(1, 10))
        assert not has_more
        return row_of(group, read([group]))


def test_nothing_measured_yet_shows_how_to_start(client: FlaskClient) -> None:
    text = client.get("/").text
    assert "No sessions yet" in text
    assert "curl -s http://localhost/api/v1/test-sessions" in text
    assert 'href="/new"' in text


def test_sessions_stand_newest_first_with_what_they_are(client: FlaskClient) -> None:
    finished(name="first", tags=("nightly",))
    queued("tiny:latest", "small:latest", name="second")
    text = client.get("/").text
    assert re.findall(r'class="title"[^>]*>([^<]+)<', text) == ["second", "first"]
    assert "tiny:latest, small:latest" in text
    assert 'href="/?tags=nightly"' in text
    assert re.findall(r'data-part="state">(\w+)<', text) == ["queued", "completed"]


def test_a_finished_test_shows_its_number_unit_and_spread(client: FlaskClient) -> None:
    claim, tests = claimed(queued())
    writes.complete_test(claim, tests[0], METRICS)
    text = client.get("/").text
    assert '<span class="number">42.0</span> <span class="unit">tok/s</span>' in text
    assert "±2 %, n = 5" in text


def test_a_running_session_shows_how_far_it_is(app: Flask) -> None:
    session = queued()
    claim, tests = claimed(session)
    writes.fail_test(claim, tests[0], "out of memory")
    row = only_row(app)
    assert (row.state, row.progress, row.failed) == ("running", 50.0, 1)


def test_a_cancelled_session_counts_no_failures(app: Flask) -> None:
    session = queued()
    writes.cancel_session(session.id)
    row = only_row(app)
    assert (row.state, row.failed) == ("cancelled", 0)


@pytest.mark.parametrize(
    "query", ["search=second", "search=second&tags=&host=", "tags=b", "tags=B&search=tiny", "host=other"]
)
def test_the_list_is_filtered(client: FlaskClient, query: str) -> None:
    finished(name="first", tags=("a",))
    finished(name="second", tags=("b",), host="other")
    text = client.get(f"/?{query}").text
    assert re.findall(r'class="title"[^>]*>([^<]+)<', text) == ["second"]
    assert "show all" in text


def test_a_search_without_a_find_says_so(client: FlaskClient) -> None:
    finished()
    assert "No sessions match these filters" in client.get("/?search=nowhere").text


def test_pages_keep_what_was_searched_for(client: FlaskClient) -> None:
    for number in range(21):
        queued(name=f"night {number}", tags=("a",))
    text = client.get("/?search=night&tags=a").text
    assert text.count('class="title"') == 20
    assert 'href="/?search=night&amp;tags=a&amp;page=2"' in text
    assert client.get("/?search=night&tags=a&page=2").text.count('class="title"') == 1


def test_names_are_text_and_no_markup(client: FlaskClient) -> None:
    queued(name='<img src=x onerror="alert(1)">', tags=("<b>",))
    text = client.get("/").text
    assert "<img" not in text
    assert "<b>" not in text


def test_the_list_is_there_without_redis(new_app: NewApp) -> None:
    finished_app = new_app(redis_url="redis://127.0.0.1:1/0")
    finished(name="kept")
    answer = finished_app.test_client().get("/")
    assert "kept" in answer.text
    assert "data-newest" not in answer.text


def test_what_became_slower_what_is_fastest_and_what_machines_do_stand_above_the_list(client: FlaskClient) -> None:
    session("night", {"qwen3:8b": {0: STEADY}})
    stored(0)
    stored(1, outcome=Outcome.BETTER, at=now())
    shown = " ".join(re.sub(r"<[^>]+>", " ", client.get("/").text).split())
    assert "local idle" in shown
    assert "▲ 12.0 % faster tiny:latest decode on local on" in shown
    assert "▼ 12.0 % slower tiny:latest decode on local on 1 Mar, Ollama 0.9.3 → 0.9.4" in shown
    assert "qwen3:8b 100 tok/s on local" in shown
    for query in ({"search": "night"}, {"part": "list"}):
        assert "Changed since last week" not in client.get("/", query_string=query).text


def test_sessions_are_listed_by_state(client: FlaskClient) -> None:
    finished(name="first")
    queued(name="second")
    for state, name in (("completed", "first"), ("queued", "second")):
        assert re.findall(r'class="title"[^>]*>([^<]+)<', client.get("/", query_string={"status": state}).text) == [
            name
        ]
