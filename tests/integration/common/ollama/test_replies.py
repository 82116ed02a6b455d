"""Replies with odd fields: what can be read is read, and the rest is unknown or refused."""

import json

import pytest
from structlog.testing import capture_logs

from common.errors import OllamaProtocolError
from common.ollama.schemas import MAX_ENTRIES
from tests.integration.common.ollama.answering import REQUESTS, Ask, responding

WITHIN = b'{"version": %s, "models": %s, "modelfile": %s}'
"""A reply with a field of any client request."""
DEEP = [b"[" * 50_000, *[WITHIN % ((b"[" * depth + b"]" * depth,) * 3) for depth in (200, 940, 1000)]]


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe", b"[1]", b'"text"', b"null", b"7", *DEEP])
def test_a_response_other_than_an_object_is_refused(ask: Ask, content: bytes) -> None:
    with responding(content) as server, pytest.raises(OllamaProtocolError, match="sent an unexpected response"):
        ask(server)


WRONG = [
    ("version", {}),
    ("version", {"version": None}),
    ("version", {"version": 9}),
    ("models", {"models": "many"}),
    ("models", {"models": {"a": 1}}),
    ("loaded", {"models": 7}),
]


@pytest.mark.parametrize(("question", "answer"), WRONG)
def test_an_object_without_the_expected_fields_is_refused(question: str, answer: object) -> None:
    with (
        responding(json.dumps(answer).encode()) as server,
        pytest.raises(OllamaProtocolError, match=r"sent an unexpected response: (version is|.* is not a list)"),
    ):
        REQUESTS[question](server)


GOOD = {
    "name": "good:1",
    "digest": "0123456789abcdef",
    "size": 7,
    "size_vram": 5,
    "modified_at": "2026-03-01T12:00:00Z",
}
NUMBERS: list[object] = [-1, 1.5, float("nan"), float("inf"), 1 << 63, 10**400]
ODD: list[object] = [None, True, False, "", "7", *NUMBERS, [], {}, [7], "\x00", "\ud800"]
"""Values of fields. Each field takes some of them."""


def odd_entries() -> list[object]:
    """Return entries with each odd value in each field, without each field, and values that are not an entry."""
    fields = [*GOOD, "details", "context_length", "expires_at", "remote_host"]
    wrong = [
        {**GOOD, "name": f"{field} {number}", field: value} for field in fields for number, value in enumerate(ODD)
    ]
    missing = [{name: value for name, value in GOOD.items() if name != field} for field in GOOD]
    return [*wrong, *missing, None, 7, "good:1", [], [GOOD]]


@pytest.mark.parametrize("question", ["models", "loaded"])
def test_an_odd_entry_hides_itself_alone(question: str) -> None:
    listed = json.dumps({"models": [*odd_entries(), GOOD]}).encode()
    with responding(listed) as server:
        found = server.models() if question == "models" else server.loaded()
    assert "good:1" in [model.name for model in found]
    for model in found:
        assert model.name.isprintable()
        assert model.size is None or (type(model.size) is int and model.size >= 0)


def test_odd_values_in_memory_are_unknown() -> None:
    odd = [
        {**GOOD, "name": "a", "size": None, "digest": None, "context_length": "many"},
        {**GOOD, "name": "b", "size": "7", "size_vram": True, "expires_at": 7},
        {**GOOD, "name": "c", "size_vram": 8},  # more than the whole
        {**GOOD, "name": "d", "size": -7, "expires_at": "rubbish"},
        {**GOOD, "name": None},
    ]
    with responding(json.dumps({"models": [*odd, GOOD, GOOD]}).encode()) as server:
        loaded = server.loaded()
    assert [(m.name, m.digest and m.digest[:1], m.size, m.size_vram, m.context_length, m.expires) for m in loaded] == [
        ("a", None, None, 5, None, None),
        ("b", "0", None, None, None, None),
        ("c", "0", 7, None, None, None),
        ("d", "0", None, 5, None, "rubbish"),
        ("good:1", "0", 7, 5, None, None),
    ]


def test_odd_details_of_a_model_are_left_out() -> None:
    details: dict[str, object] = {
        "a": [],
        "b": None,
        "c": {"family": 7, "parameter_size": "3B"},
        "d": "x",
    }
    listed = [{**GOOD, "name": name, "details": value} for name, value in details.items()]
    with responding(json.dumps({"models": [*listed, {**GOOD, "name": "a"}]}).encode()) as server:
        found = {model.name: model.details for model in server.models()}
    assert found == {"a": {}, "b": {}, "c": {"parameter_size": "3B"}, "d": {}}


@pytest.mark.parametrize("written", ["012a", "sha256:012a", "SHA256:012A"])
def test_a_digest_is_known_however_it_is_written(written: str) -> None:
    with responding(json.dumps({"models": [{**GOOD, "digest": written}]}).encode()) as server:
        assert (server.models()[0].digest, server.loaded()[0].digest) == ("012a", "012a")


def test_a_list_without_end_is_cut() -> None:
    listed = [{**GOOD, "name": f"m{number}"} for number in range(MAX_ENTRIES + 1)]
    with responding(json.dumps({"models": listed}).encode()) as server:
        assert len(server.models()) == MAX_ENTRIES


def test_an_error_under_status_200_is_an_error(ask: Ask) -> None:
    with (
        responding(b'{"error": "no database"}') as server,
        pytest.raises(OllamaProtocolError, match=r"with an error: no database\."),
    ):
        ask(server)


def test_an_odd_reply_is_logged_once() -> None:
    listed = json.dumps({"models": [{**GOOD, "name": "odd", "size": "7"}]}).encode()
    with responding(listed) as server, capture_logs() as logged:
        for _ in range(3):
            server.models()
    assert [(line["url"], line["problem"]) for line in logged] == [(f"{server.url}/api/tags", "'odd': size is '7'")]


@pytest.mark.parametrize(
    ("info", "layers"),
    [
        ({"general.architecture": "x", "x.audio.block_count": 12, "x.block_count": 42}, 42),
        ({"general.architecture": "x", "x.audio.block_count": 12}, None),
        ({"general.architecture": "a.b", "a.b.block_count": 7, "b.block_count": 8, "a.block_count": 9}, 7),
        ({"general.architecture": "llama", "clip.vision.block_count": 24, "clip.block_count": 3}, None),
        ({"x.block_count": 42}, None),
        ({"general.architecture": None, "None.block_count": [], "x.block_count": 42}, None),
        ({"general.architecture": ["x"], "x.block_count": 42}, None),
        *[({"general.architecture": "x", "x.block_count": wrong}, None) for wrong in (*ODD, 0, 1 << 40)],
        *[(wrong, None) for wrong in (None, [1], 7, "x.block_count")],
    ],
)
def test_facts_are_those_of_the_models_own_architecture(info: object, layers: int | None) -> None:
    body = {"model_info": info, "capabilities": ["completion", 7, None], "modelfile": "FROM /a"}
    with responding(json.dumps(body).encode()) as server:
        facts = server.facts("m")
    assert (facts.layers, facts.files) == (layers, ("/a",))
    assert facts.capabilities == ("completion",)


@pytest.mark.parametrize("question", ["models", "loaded"])
@pytest.mark.parametrize("answer", [{"models": None}, {"models": []}, {}])
def test_no_models_give_an_empty_list(question: str, answer: object) -> None:
    with responding(json.dumps(answer).encode()) as server:
        assert REQUESTS[question](server) == []


def test_cloud_models_are_left_out() -> None:
    here = {"name": "a:1", "digest": "0123456789abcdef", "size": 7, "modified_at": "2026-03-01T12:00:00Z"}
    listed = {"models": [here, {**here, "name": "b:cloud", "remote_host": "https://ollama.com"}]}
    with responding(json.dumps(listed).encode()) as server:
        (model,) = server.models()
    assert (model.name, model.version, model.details) == ("a:1", "0123456789ab", {})


def test_a_context_length_missing_from_the_file_is_unknown() -> None:
    with responding(b'{"model_info": {"general.architecture": "llama"}}') as server:
        assert server.facts("m").context_length is None
