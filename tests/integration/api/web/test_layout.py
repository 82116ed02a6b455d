"""What all pages share."""

import re

import pytest
from flask.testing import FlaskClient

from common.errors import Unavailable
from tests.integration.api.conftest import KEY, NewApp

PAGES = ("/", "/models", "/new", "/compare", "/history", "/machines")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_whole_and_fetches_from_here_alone(client: FlaskClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer.text.rstrip().endswith("</html>")
    sources = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert len(sources) > 5
    assert not [source for source in sources if "//" in source]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_neither_scripts_nor_styles_of_its_own(client: FlaskClient, page: str) -> None:
    text = client.get(page).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", text)


def test_the_page_that_is_shown_stands_out(client: FlaskClient) -> None:
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', client.get("/machines").text) == ["/machines"]


def test_an_error_is_a_page_that_says_what_is_wrong(client: FlaskClient) -> None:
    answer = client.get("/sessions/01a209d2-d221-741c-84d0-38c0f996e1b8")
    assert answer.status_code == 404
    assert "There is no session 01a209d2" in answer.text
    assert 'href="/"' in answer.text


def test_an_address_of_nothing_is_a_page_to_a_browser_and_json_to_a_program(client: FlaskClient) -> None:
    browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
    page = client.get("/session", headers={"Accept": browsers})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "<title>Page not found" in page.text
    assert 'href="/"' in page.text
    assert "/session does not exist. The API is at http://localhost/api/v1," in page.text
    malformed = client.get("/sessions/1", headers={"Accept": browsers})
    assert (malformed.status_code, malformed.mimetype) == (404, "text/html")
    assert "1 is not an id of a session." in malformed.text
    for path, asked in (("/session", "*/*"), ("/session", "application/json"), ("/api/v1/session", browsers)):
        assert client.get(path, headers={"Accept": asked}).get_json()["status"] == 404


def test_a_wrong_parameter_is_named_on_a_page(client: FlaskClient) -> None:
    answer = client.get("/?page=0")
    assert answer.status_code == 422
    assert "page" in answer.text
    assert answer.mimetype == "text/html"


def test_without_the_key_nothing_but_a_form_for_it_is_given(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,)).test_client()
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == 401
        assert 'id="key-form"' in answer.text
    assert 'id="key-form"' not in client.get("/", headers={"X-API-Key": KEY}).text


def test_a_key_for_reading_opens_the_pages(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,), read_only_keys=("reader",)).test_client()
    assert client.get("/", headers={"X-API-Key": "reader"}).status_code == 200


def test_a_database_that_is_away_is_said_on_the_page(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise Unavailable("The database's disk is full.")

    monkeypatch.setattr("common.store.reads.lists.series.page", away)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "The database&#39;s disk is full. Try again later." in answer.text
