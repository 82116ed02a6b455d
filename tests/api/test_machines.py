import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from api import models
from common import queue, records, streams
from common.redis import inventory_of, readings_of
from tests.api.conftest import NewApp, body
from tests.api.stored import FINGERPRINT, INVENTORY, TEST_TYPES, claimed, queued
from tests.support.ollama_double import OllamaDouble


def get(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return body(answer)


def test_models_of_a_real_ollama(new_app: NewApp, ollama_url: str, tiny_model: str) -> None:
    client = new_app(ollama_hosts={"local": ollama_url}).test_client()
    [model] = get(client, "/models")["models"]
    assert model["name"] == tiny_model == "tiny:latest"
    assert model["tags"][:2] == ["latest", "llama"]
    assert "completion" in model["tags"]
    assert len(model["version"]) == 12
    assert model["size"] > 1_000_000
    assert model["modified"].endswith("Z")


def test_models_as_listed(client: FlaskClient) -> None:
    listed = get(client, "/models?host=local")["models"]
    assert [model["name"] for model in listed] == ["tiny:latest", "small:latest"]
    assert listed[0]["tags"] == ["latest", "llama", "3.49M", "F16", "completion"]
    assert listed[0]["modified"] == "2026-03-01T12:00:00.123Z"


def test_capabilities_are_worth_no_failure(
    client: FlaskClient, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    models._capabilities.clear()
    monkeypatch.setattr(ollama, "full_name", lambda _: None)  # /api/show knows no model any more
    assert get(client, "/models")["models"][0]["tags"] == ["latest", "llama", "3.49M", "F16"]


def test_unknown_and_unreachable_hosts(client: FlaskClient) -> None:
    for path in ("/models", "/hardware"):
        answer = client.get(f"/api/v1{path}?host=moon")
        assert answer.status_code == 422
        assert body(answer)["details"] == {"host": ["moon is no host here; there are local, other"]}
    answer = client.get("/api/v1/models?host=other")
    assert answer.status_code == 503
    assert "http://127.0.0.1:1" in body(answer)["message"]


def test_what_is_no_ollama(new_app: NewApp, ollama: OllamaDouble) -> None:
    client = new_app(ollama_hosts={"local": f"{ollama.url}/elsewhere"}).test_client()
    answer = client.get("/api/v1/models")
    assert answer.status_code == 503
    assert "answered 404" in body(answer)["message"]


def test_hardware(client: FlaskClient, redis: Redis) -> None:
    redis.set(inventory_of("local"), json.dumps(INVENTORY))
    assert get(client, "/hardware") == {**INVENTORY, "host": "local", "fingerprint": FINGERPRINT}
    answer = client.get("/api/v1/hardware?host=other")
    assert answer.status_code == 503
    assert body(answer)["message"] == (
        "the sampler of host other has not reported; start it on that machine with SAMPLER_HOST=other python -m sampler"
    )


def test_hosts(client: FlaskClient, redis: Redis, ollama: OllamaDouble) -> None:
    ollama.load("tiny:latest", {"num_ctx": 4096})
    streams.append(redis, {"cpu": 1}, readings_of("local"), keep=10)
    running, waiting = queued(), queued()
    claimed(running)
    local, other = get(client, "/hosts")["hosts"]
    assert 0 <= local.pop("sampler")["age"] < 60_000
    assert local == {
        "name": "local",
        "url": ollama.url,
        "reachable": True,
        "version": "0.9.3",
        "loaded": ["tiny:latest"],
        "waiting": 1,
        "session": running.id,
    }
    assert other == {
        "name": "other",
        "url": "http://127.0.0.1:1",
        "reachable": False,
        "version": None,
        "loaded": None,
        "waiting": 0,
        "session": None,
        "sampler": {"age": None},
    }
    records.cancel_session(waiting.id)
    assert get(client, "/hosts")["hosts"][0]["waiting"] == 0
    assert queue.waiting(redis, "local") == []


def test_test_types(client: FlaskClient) -> None:
    listed = get(client, "/test-types")["testTypes"]
    assert [test_type["name"] for test_type in listed] == ["decode", "ttft"]
    assert listed[0]["question"] == TEST_TYPES[0].question
    assert listed[0]["headline"] == "tokensPerSecond"
    assert listed[0]["options"][2] == {
        "name": "promptTokens",
        "unit": "tokens",
        "default": 128,
        "minimum": 1,
        "maximum": 4096,
        "description": "length of the prompt",
        "many": False,
    }


def test_no_test_types_before_the_first_worker(client: FlaskClient) -> None:
    records.announce([])
    assert get(client, "/test-types") == {"testTypes": []}
