import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from api.routes.machines import hosts
from common.catalogue.test_types import TEST_TYPES
from common.errors import OllamaError, OllamaUnreachable
from common.messaging import events
from common.messaging.redis import clock_ms, inventory_of, readings_of
from common.ollama.replies import CHECK_RUNNING
from common.store.changes import writes
from common.store.reads.sessions import SessionState
from common.store.tables import Session, Test
from common.values.units import iso
from testbed.ollama_double import OllamaDouble
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import NewApp, body, get
from tests.support.stored.sessions import HARDWARE, claimed, finished, queued


def test_models_of_a_real_ollama(new_app: NewApp, ollama_url: str, tiny_model: str) -> None:
    client = new_app(ollama_hosts={"local": ollama_url}).test_client()
    [model] = get(client, "/models")["models"]
    assert model["name"] == tiny_model == "tiny:latest"
    assert model["tags"][:2] == ["latest", "llama"]
    assert model["capabilities"] == ["completion"]
    assert "completion" in model["tags"]
    assert len(model["version"]) == 12
    assert model["size"] > 1_000_000
    assert model["modified"].endswith("Z")


def test_models_in_the_api(client: FlaskClient) -> None:
    listed = get(client, "/models?host=local")["models"]
    assert [model["name"] for model in listed] == ["tiny:latest", "small:latest"]
    assert listed[0]["tags"] == ["latest", "llama", "3.49M", "F16", "completion"]
    assert listed[0]["modified"] == "2026-03-01T12:00:00.123Z"
    assert [model["lastMeasured"] for model in listed] == [None, None]
    measured = Test.get_by_id(finished("tiny:latest").tests[-1].id)
    [tiny, small] = get(client, "/models")["models"]
    assert (tiny["lastMeasured"], small["lastMeasured"]) == (iso(measured.finished_at), None)


def test_unknown_and_unreachable_hosts(client: FlaskClient) -> None:
    for path in ("/models", "/hardware"):
        answer = client.get(f"/api/v1{path}?host=moon")
        assert answer.status_code == 422
        assert body(answer)["details"] == {"host": ["There is no host moon. Hosts: local, other."]}
    answer = client.get("/api/v1/models?host=other")
    assert answer.status_code == 503
    assert "http://127.0.0.1:1" in body(answer)["message"]


def test_a_server_that_is_not_an_ollama(new_app: NewApp, ollama: OllamaDouble) -> None:
    client = new_app(ollama_hosts={"local": f"{ollama.url}/elsewhere"}).test_client()
    answer = client.get("/api/v1/models")
    assert answer.status_code == 503
    assert "answered 404" in body(answer)["message"]


def test_hardware(client: FlaskClient, redis: Redis) -> None:
    redis.set(inventory_of("local"), json.dumps(INVENTORY))
    assert get(client, "/hardware") == HARDWARE
    answer = client.get("/api/v1/hardware?host=other")
    assert answer.status_code == 503
    assert body(answer)["message"] == (
        "The sampler of host other has not reported. Start it on that machine: SAMPLER_HOST=other python -m sampler"
    )


@pytest.mark.parametrize(
    "written",
    [
        "x",
        "[]",
        "null",
        '"x"',
        '{"cpu": 5}',
        '{"cpu": {"model": ["x"]}}',
        '{"gpu": [5]}',
        '{"missing": {"a": 1}}',
        "[" * 10_000,
    ],
)
def test_an_inventory_that_no_sampler_writes_counts_as_none(client: FlaskClient, redis: Redis, written: str) -> None:
    redis.set(inventory_of("local"), written)
    redis.xadd(readings_of("local"), {"json": written})
    assert client.get("/api/v1/hardware").status_code == 503
    assert [client.get(path).status_code for path in ("/api/v1/hosts", "/machines")] == [200, 200]


def test_hosts(client: FlaskClient, ollama: OllamaDouble) -> None:
    ollama.load("tiny:latest", {"num_ctx": 4096})
    local, other = get(client, "/hosts")["hosts"]
    assert local["loaded"][0].pop("expires").endswith("Z")
    assert local == {
        "name": "local",
        "machine": "local",
        "url": ollama.url,
        "reachable": True,
        "reason": None,
        "advice": None,
        "version": "0.9.3",
        "loaded": [{"name": "tiny:latest", "size": 7_077_287, "sizeVram": 0, "context": None}],
        "queue": {"waiting": 0, "oldest": None, "first": []},
        "session": None,
        "sampler": None,
    }
    assert other == {
        "name": "other",
        "machine": "other",
        "url": "http://127.0.0.1:1",
        "reachable": False,
        "reason": f"Ollama at http://127.0.0.1:1 cannot be reached. {CHECK_RUNNING}",
        "advice": "Start it on the API's machine: OLLAMA_HOST=127.0.0.1:1 ollama serve",
        "version": None,
        "loaded": None,
        "queue": {"waiting": 0, "oldest": None, "first": []},
        "session": None,
        "sampler": None,
    }


ODD_ENTRIES: list[object] = [None, 7, {"size": 7}, {"name": None, "digest": "d"}, {"name": "x", "digest": []}, []]


def test_odd_entries_hide_themselves_alone(client: FlaskClient, ollama: OllamaDouble) -> None:
    odd = {"name": "odd:1", "size": "7", "details": []}
    ollama.listed = lambda entries: [*ODD_ENTRIES, *entries, {**entries[0], **odd}]
    models = get(client, "/models")["models"]
    assert [(model["name"], model["size"]) for model in models] == [
        ("tiny:latest", 7_077_287),
        ("small:latest", 7_077_287),
        ("odd:1", None),
    ]
    ollama.load("tiny:latest", {"num_ctx": 4096})
    ollama.listed_loaded = lambda entries: [*ODD_ENTRIES, {**entries[0], **odd}]
    loaded = get(client, "/hosts")["hosts"][0]["loaded"]
    assert [(model["name"], model["size"]) for model in loaded] == [("x", None), ("odd:1", None)]
    submitted = client.post("/api/v1/test-sessions", json={"models": ["odd:1"], "testTypes": ["decode"]})
    assert submitted.status_code == 202, submitted.text
    assert client.get("/machines").status_code == 200


def test_a_hosts_running_session_and_queue(client: FlaskClient, redis: Redis) -> None:
    running, waiting, _ = queued(name="nightly"), queued(), queued()
    claimed(running)
    local, other = get(client, "/hosts")["hosts"]
    nothing_yet = {"model": None, "testType": None, "progress": None, "sessionProgress": None, "expectedEnd": None}
    submitted = {"id": running.id, "name": "nightly", "models": ["tiny:latest"], "testTypes": ["decode", "ttft"]}
    assert local["session"] == submitted | nothing_yet
    assert local["queue"]["waiting"] == 2
    assert local["queue"]["first"][0]["id"] == waiting.id
    assert other["queue"] == {"waiting": 0, "oldest": None, "first": []}
    state = SessionState("running", 25, 0, 2)
    events.publish(redis, events.Event("progress", running.id, state, "measuring", "tiny:latest", "decode", 50))
    session = {"model": "tiny:latest", "testType": "decode", "progress": 50, "sessionProgress": 25, "expectedEnd": None}
    assert get(client, "/hosts")["hosts"][0]["session"] == submitted | session
    Session.update(created_at=Session.get_by_id(waiting.id).created_at - timedelta(hours=1)).where(
        Session.id == waiting.id
    ).execute()
    assert get(client, "/hosts")["hosts"][0]["queue"]["oldest"] >= 3_600_000
    writes.cancel_session(waiting.id)
    writes.cancel_session(running.id)
    local = get(client, "/hosts")["hosts"][0]
    assert (local["queue"]["waiting"], local["session"]) == (1, None)
    assert local["queue"]["oldest"] < 3_600_000


def test_the_sampler_of_a_host(client: FlaskClient, redis: Redis) -> None:
    def sampler() -> Any:
        return get(client, "/hosts")["hosts"][0]["sampler"]

    now = clock_ms(redis)
    redis.xadd(readings_of("local"), {"json": "{}"}, id=f"{now - 3_600_000}-0")
    found = sampler()
    assert 3_600_000 <= found.pop("age") < 3_660_000
    assert found == {"hz": None, "missing": None}
    for tick in range(4):
        redis.xadd(readings_of("local"), {"json": "{}"}, id=f"{now + 100 * tick}-0")
    redis.set(inventory_of("local"), json.dumps(INVENTORY))
    found = sampler()
    assert found.pop("age") < 60_000
    assert found == {"hz": 10.0, "missing": None}  # the gap before the last readings does not count
    redis.set(inventory_of("local"), json.dumps({**INVENTORY, "missing": {"package energy": "only root may read it"}}))
    assert sampler()["missing"] == {"package energy": "only root may read it"}


@pytest.mark.parametrize(
    ("url", "error", "advice"),
    [
        ("http://[::1]:9", OllamaUnreachable(), "Start it on the API's machine: OLLAMA_HOST=[::1]:9 ollama serve"),
        (
            "http://localhost:9",
            OllamaUnreachable(),
            "on the API's machine: OLLAMA_HOST=localhost:9 ollama serve",
        ),
        ("http://lab2:9", OllamaUnreachable(), "listens to other machines (OLLAMA_HOST=0.0.0.0:9 ollama serve)"),
    ],
)
def test_advice_for_a_host_that_cannot_be_reached(url: str, error: OllamaError, advice: str) -> None:
    assert advice in str(hosts._advice(url, error))


def test_a_server_that_is_not_an_ollama_is_not_reachable(new_app: NewApp, ollama: OllamaDouble) -> None:
    client = new_app(ollama_hosts={"wrong": f"{ollama.url}/elsewhere", "right": ollama.url}).test_client()
    wrong, right = get(client, "/hosts")["hosts"]
    assert (wrong["reachable"], right["reachable"]) == (False, True)
    assert "answered 404: Not Found. Check that this is an Ollama." in wrong["reason"]
    assert wrong["advice"] is None


def test_test_types(client: FlaskClient) -> None:
    listed = {test_type["name"]: test_type for test_type in get(client, "/test-types")["testTypes"]}
    assert list(listed) == list(TEST_TYPES)
    decode, several = listed["decode"], listed["ttft"]["options"][0]
    assert (decode["question"], decode["headline"]) == ("How fast does the model write?", "decodeTokensPerSecond")
    assert decode["options"][0] == {
        "name": "promptTokens",
        "unit": "tokens",
        "default": 64,
        "minimum": 32,
        "maximum": 131_072,
        "decimals": 0,
        "description": "length of each prompt, to within 2 %",
        "many": False,
    }
    assert (several["default"], several["many"]) == ([128, 512, 1024], True)
