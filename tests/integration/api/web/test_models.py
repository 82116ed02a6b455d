"""The pages about models."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from api.web.pages.presentation.colours import model_colour
from common.store.database import database
from tests.support.stored.comparable import STEADY, Rates, session
from tests.support.stored.sessions import queued

FAST, SLOW = "llama3.2:3b", "qwen3:8b"


def text(client: FlaskClient, path: str, **asked: str) -> str:
    """Return a page's text, without its tags."""
    answer = client.get(path, query_string=asked)
    assert answer.status_code == 200, answer.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def rows(client: FlaskClient, **asked: str) -> list[str]:
    """Return the names of the models in their order."""
    return re.findall(
        r'<th scope="row"><span class="series model-\d+[^"]*" aria-hidden="true"></span>([^<]+)</th>',
        client.get("/models", query_string=asked).text,
    )


@pytest.fixture
def measured(client: FlaskClient) -> None:
    assert client  # it empties the database
    rates: Rates = {FAST: {0: STEADY}, SLOW: {0: tuple(value / 3 for value in STEADY)}}
    session("both", rates, host="local")
    session("one", {SLOW: {0: tuple(value / 4 for value in STEADY)}}, host="other")


def test_without_results_the_page_says_how_to_begin(client: FlaskClient) -> None:
    queued()
    assert "No model has been measured yet" in text(client, "/models")


@pytest.mark.usefixtures("measured")
def test_each_model_stands_beside_its_machines_the_fastest_first(client: FlaskClient) -> None:
    shown = text(client, "/models")
    assert rows(client) == [FAST, SLOW]
    assert "100 tok/s" in shown
    assert "33.3 tok/s" in shown
    assert f"Measure {FAST} on other" in shown
    assert "Measure missing (1)" in shown
    assert rows(client, sort="other") == [SLOW, FAST]


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"find": "qwen"}, [SLOW]),
        ({"minimum": "60"}, [FAST]),
        ({"minimum": "fast"}, [FAST, SLOW]),
        ({"fits": "1"}, [FAST, SLOW]),
        ({"find": "nobody"}, []),
    ],
)
def test_models_are_filtered(client: FlaskClient, asked: dict[str, str], expected: list[str]) -> None:
    assert rows(client, **asked) == expected


@pytest.mark.usefixtures("measured")
def test_faster_cells_have_a_stronger_colour(client: FlaskClient) -> None:
    assert re.findall(r"heat-(\d)", client.get("/models").text) == ["6", "2", "1"]


@pytest.mark.usefixtures("measured")
def test_a_model_keeps_its_colour_when_another_is_measured(client: FlaskClient) -> None:
    def colours() -> dict[str, str]:
        with client.application.app_context():
            return {model: model_colour(model) for model in (FAST, SLOW, "a-new-one:1b")}

    before = colours()
    session("later", {"a-new-one:1b": {0: STEADY}})
    after = colours()
    assert [after[model] for model in (FAST, SLOW)] == [before[model] for model in (FAST, SLOW)]
    assert len(set(after.values())) == 3


@pytest.mark.usefixtures("measured")
def test_a_model_on_a_machine_has_each_answer_and_what_is_missing(client: FlaskClient) -> None:
    session("again", {SLOW: {0: STEADY}}, host="local")
    shown = text(client, "/models/one", model=SLOW, host="local")
    assert "Writing speed How fast does the model write? 100 tok/s" in shown
    assert "Not measured yet Wait for the first token" in shown
    assert "<polyline" in client.get("/models/one", query_string={"model": SLOW, "host": "local"}).text
    assert "has not been measured on nowhere" in text(client, "/models/one", model=SLOW, host="nowhere")


@pytest.mark.usefixtures("measured")
def test_without_a_machine_it_is_that_of_the_newest_result_and_without_a_model_all_are_shown(
    client: FlaskClient,
) -> None:
    shown = text(client, "/models/one", model=SLOW)
    assert f"{SLOW} on other" in shown
    assert "Writing speed elsewhere: local 33.3 tok/s" in shown
    assert "nowhere:1b on local" in text(client, "/models/one", model="nowhere:1b")
    assert client.get("/models/one").location == "/models"


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(("table", "column"), [("session", "models"), ("hardware", "inventory")])
def test_what_cannot_be_read_of_a_session_costs_no_result(client: FlaskClient, table: str, column: str) -> None:
    database.execute_sql(f"UPDATE {table} SET {column} = '{{'")  # noqa: S608 - constants
    assert rows(client) == [FAST, SLOW]
