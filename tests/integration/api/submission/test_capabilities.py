"""Capabilities of models, if their host is slow to describe each of them."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.routes.machines import models
from api.submission import capabilities
from api.submission.concurrent_requests import at_once
from common.ollama.client import Ollama
from testbed.ollama_double import OllamaDouble, Script
from testbed.waiting import until
from tests.integration.api.conftest import NewApp, body

pytestmark = pytest.mark.serial

MOMENT_S = 0.3
LONG_S = 60
SHOW = "/api/show"


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "_known", {})


def able(client: FlaskClient) -> dict[str, Any]:
    """Return the capabilities by model, as they are listed."""
    listed = body(client.get("/api/v1/models"))["models"]
    for model in listed:
        assert model["tags"][4:] == (model["capabilities"] or [])
    return {model["name"]: model["capabilities"] for model in listed}


def test_models_are_asked_about_at_once(
    client: FlaskClient, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capabilities, "TIMEOUT_S", LONG_S)
    both_there = threading.Barrier(2, timeout=LONG_S)
    full_name = ollama.full_name
    monkeypatch.setattr(ollama, "full_name", lambda name: full_name(name) if both_there.wait() >= 0 else None)
    assert able(client) == {"tiny:latest": ["completion"], "small:latest": ["completion"]}


@pytest.mark.parametrize("at", [0, None])
@pytest.mark.parametrize("fault", ["trickle", "hang"])
def test_a_list_takes_as_long_as_one_model_that_is_slow(
    new_app: NewApp, monkeypatch: pytest.MonkeyPatch, fault: Any, at: int | None
) -> None:
    monkeypatch.setattr(capabilities, "TIMEOUT_S", MOMENT_S)
    names = [f"m{number}:latest" for number in range(40)]
    with OllamaDouble(*names) as slow:
        slow.order(*(Script(at=at, then=fault) for _ in names), to=SHOW)
        client = new_app(ollama_hosts={"local": slow.url}).test_client()
        assert able(client) == dict.fromkeys(names)
        assert slow.other_scripts[SHOW]  # the time was over before all were asked about
        slow.other_scripts.clear()
        monkeypatch.setattr(capabilities, "TIMEOUT_S", LONG_S)
        assert able(client) == {name: ["completion"] for name in names}


def test_what_one_model_lacks_is_known_of_the_others(client: FlaskClient, ollama: OllamaDouble) -> None:
    ollama.order(Script(status=500), to=SHOW)
    assert sorted(map(str, able(client).values())) == ["None", "['completion']"]


def test_what_came_late_is_there_the_next_time(
    client: FlaskClient, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, facts = threading.Event(), Ollama.facts
    monkeypatch.setattr(Ollama, "facts", lambda *asked: facts(*asked) if listed.wait(LONG_S) else None)
    monkeypatch.setattr(capabilities, "at_once", lambda questions, _, most: at_once(questions, MOMENT_S, most))
    assert able(client) == {"tiny:latest": None, "small:latest": None}
    listed.set()
    until(lambda: len(capabilities._known) == 2, "what is late")
    ollama.order(*[Script(status=500)] * 2, to=SHOW)
    assert able(client) == {"tiny:latest": ["completion"], "small:latest": ["completion"]}


@pytest.mark.parametrize("at", [0, None])
def test_a_list_that_trickles_is_no_answer(
    client: FlaskClient, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch, at: int | None
) -> None:
    monkeypatch.setattr(models, "TIMEOUT_S", MOMENT_S)
    ollama.order(Script(at=at, then="trickle"), to="/api/tags")
    answer = client.get("/api/v1/models")
    assert answer.status_code == 503
    assert "did not answer in time" in body(answer)["message"]


def test_a_submission_does_without(client: FlaskClient, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "TIMEOUT_S", MOMENT_S)
    ollama.order(*[Script(then="trickle")] * 2, to=SHOW)
    asked = {"models": ["tiny", "small"], "testTypes": ["decode"]}
    session = body(client.post("/api/v1/test-sessions", json=asked))["sessionId"]
    assert body(client.get("/api/v1/test-sessions?tags=llama"))["sessions"][0]["id"] == session
    assert body(client.get("/api/v1/test-sessions?tags=completion"))["sessions"] == []
