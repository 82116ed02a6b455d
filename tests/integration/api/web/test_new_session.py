"""The form of a new session."""

import re

from flask.testing import FlaskClient

from api.web.pages.new_session import shown
from common.catalogue.options import Option
from common.catalogue.test_types import TEST_TYPES


def test_each_test_type_stands_with_its_question_and_options(client: FlaskClient) -> None:
    text = client.get("/new").text
    assert sorted(re.findall(r'data-type="([^"]+)"', text)) == list(TEST_TYPES)
    assert "How fast does the model write?" in text
    field = re.search(r'<input id="decode-promptTokens"[^>]*>', text)
    assert field is not None
    assert 'placeholder="64"' in field.group()
    assert "length of each prompt, to within 2 %; 32 to 131072" in text


def test_several_machines_can_be_chosen_from(client: FlaskClient) -> None:
    text = client.get("/new").text
    assert re.findall(r'name="host" value="(\w+)"', text) == ["local", "other", "any", "all"]


def test_a_default_is_shown_as_it_is_typed_in() -> None:
    assert shown(Option("a", "", (1, 2), 1, 9, "")) == "1, 2"
    assert shown(Option("a", "", 3, 1, 9, "")) == "3"
    assert shown(Option("a", "", None, 1, 9, "")) == "automatic"
