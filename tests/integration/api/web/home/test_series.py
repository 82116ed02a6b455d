"""Rows of the list of sessions: one for each series, which opens to its sessions."""

import re

import pytest
from flask.testing import FlaskClient

from common.store.changes import edits
from tests.support.stored.comparable import nightly, nights
from tests.support.stored.sessions import finished, queued


def titles(text: str) -> list[str]:
    return re.findall(r'class="title"[^>]*>([^<]+)<', text)


@pytest.fixture
def series(app: object) -> list[str]:
    """Store two nights of one name on each of two machines, and another session between them."""
    assert app
    made = []
    days = nightly()
    for factor in (1.0, 0.9):
        for host in ("local", "other"):
            [session] = nights(days, [factor], host=host)
            edits.edit(session.id, {"name": "nightly"})
            made.append(session.id)
        if factor == 1.0:
            finished(name="alone")
    return made


def test_nights_of_one_name_are_a_row_with_a_trend_on_each_machine(client: FlaskClient, series: list[str]) -> None:
    text = client.get("/").text
    assert titles(text) == ["nightly", "alone"]
    assert re.findall(r"<summary>([^<]+)<", text) == ["4 sessions"]
    assert "the last 2 sessions on local" in text
    assert "the last 2 sessions on other" in text
    assert re.findall(r'<span class="number">([^<]+)<', text.partition('class="lines"')[2])[:2] == ["90.0", "90.0"]
    assert [session for session in series if f'data-id="{session}"' in text] == series


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"host": "local"}, ["nightly", "alone"]),
        ({"host": "other"}, ["nightly"]),
        ({"series": "name:nightly"}, ["nightly"] * 4),
        ({"series": "name:nightly", "host": "local"}, ["nightly"] * 2),
        ({"series": "name:unknown"}, []),
    ],
)
def test_filters_fold_what_they_find_and_a_series_opens(
    client: FlaskClient, series: list[str], query: dict[str, str], shown: list[str]
) -> None:
    assert series
    assert titles(client.get("/", query_string=query).text) == shown


def test_a_session_of_another_name_leaves_its_series(client: FlaskClient, series: list[str]) -> None:
    client.patch(f"/api/v1/test-sessions/{series[0]}", json={"name": "before the change"})
    client.delete(f"/api/v1/test-sessions/{series[3]}")
    text = client.get("/").text
    assert sorted(titles(text)) == ["alone", "before the change", "nightly"]
    assert re.findall(r"<summary>([^<]+)<", text) == ["2 sessions"]
    assert client.get("/api/v1/test-sessions?series=name:nightly").get_json()["total"] == 2


def test_sessions_submitted_together_are_a_row_and_the_running_one_is_shown(client: FlaskClient) -> None:
    group = "01a209d2-d221-741c-84d0-38c0f996e1b0"
    for host in ("local", "other"):
        queued(host=host, group=group)
    text = client.get("/").text
    assert re.findall(r"<summary>([^<]+)<", text) == ["2 sessions"]
    assert "1 more queued" in text
    assert re.findall(r'data-part="state">(\w+)<', text) == ["queued", "queued"]


def test_a_page_beyond_the_end_links_back(client: FlaskClient) -> None:
    finished()
    assert "No sessions match these filters" in client.get("/?page=2").text
