"""What is compared: sessions, models and machines that are chosen, suggested, or left out."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from api.conclusions.comparisons import columns
from api.web.pages.comparison import page
from tests.integration.api.web.comparison.test_comparison import compare, plain
from tests.support.stored.comparable import SLOWER, STEADY, Rates, session
from tests.support.stored.sessions import queued


def test_nothing_chosen_offers_the_newest(client: FlaskClient) -> None:
    assert "No sessions yet" in compare(client)
    queued()
    session("nightly", {"tiny:latest": {0: STEADY}})
    text = compare(client)
    assert "nightly" in text
    assert "tiny:latest" in text
    assert "What differs" not in text
    assert "Did anything change?" not in text


def test_what_is_worth_comparing_is_suggested(client: FlaskClient) -> None:
    both: Rates = {"small:latest": {0: STEADY}, "tiny:latest": {0: STEADY}}
    session("nightly", both, ollama="0.9.2")
    session("nightly", both)
    session("nightly", both, host="garage")
    queued(name="nightly")
    text = compare(client)
    assert "Did anything change? Ollama 0.9.2 · Ollama 0.9.3 nightly on local" in text
    assert "Which machine is faster? garage · local the newest results of all models local · garage nightly" in text
    assert "Which model is faster? small:latest · tiny:latest nightly on garage" in text


def test_machines_are_compared_by_their_newest_results(client: FlaskClient) -> None:
    both: Rates = {"small:latest": {0: STEADY}, "tiny:latest": {0: SLOWER}}
    session("old", both)
    session("new", {"tiny:latest": {0: STEADY}})
    session("elsewhere", both, host="garage")
    address = "/compare?host=local&host=garage&host=attic"
    text = plain(client.get(address).text)
    assert "Compare 2 models The newest results on local, garage, attic" in text
    assert "No model has been measured on attic." in text
    assert "garage compared with local, 2 headline metrics:" in text
    assert re.search(r"tiny:latest 100 tok/s .* −10\.0 % differs in these", text)
    assert "Compare tiny:latest" in plain(client.get(f"{address}&model=tiny&baseline=garage").text)
    found = client.get("/api/v1/comparisons?baseline=local/tiny&candidate=local/small").get_json()
    assert [column["title"] for column in found["columns"]] == ["tiny:latest", "small:latest"]
    assert found["columns"][0]["sessions"] != found["columns"][1]["sessions"]
    for wanted, status in ((f"local&candidate={queued().id}", 422), ("attic", 404)):
        assert client.get(f"/api/v1/comparisons?baseline={wanted}").status_code == status


def test_sessions_are_searched_for_and_the_chosen_stay(client: FlaskClient) -> None:
    one = session("alpha", {"tiny:latest": {0: STEADY}})
    session("beta", {"tiny:latest": {0: STEADY}})
    text = compare(client, one, search="beta")
    assert "alpha" in text
    assert "beta" in text
    assert "No sessions match “gamma”" in compare(client, search="gamma")


def test_unknown_sessions_are_named_and_the_others_shown(client: FlaskClient) -> None:
    one = session("first", {"tiny:latest": {0: STEADY}})
    answer = client.get("/compare", query_string={"session": [one.id, "gone<b>"], "baseline": "nonsense"})
    assert answer.status_code == 200
    assert "Session gone&lt;b&gt; was not found" in answer.text


def test_more_than_a_page_holds_is_left_out(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MAX_COLUMNS", 2)
    monkeypatch.setattr(page, "MAX_SESSIONS", 1)
    one, other = session("many", {f"m{number}:1": {0: STEADY[:1]} for number in range(5)}), queued()
    text = compare(client, one, other)
    assert "2 results are compared. 3 more do not fit" in text
    assert "names 1 session more than this page can compare" in text


def test_other_baselines_are_a_link_away(client: FlaskClient) -> None:
    one, other = (session(name, {"tiny:latest": {0: STEADY}}) for name in ("first", "second"))
    answer = client.get("/compare", query_string={"session": [one.id, other.id]})
    [link, *_] = re.findall(r'href="([^"]+)">use as baseline', answer.text)
    assert "<strong>first</strong> compared with second" in client.get(unescape(link)).text
