"""What a machine can do, at `GET /overview`."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from redis import Redis

from common.environment.price import ElectricityPrice
from common.messaging.redis import clock_ms, inventory_of
from common.store.tables import Result, Test
from testbed.ollama_double import OllamaDouble
from testbed.stored import readings
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import NewApp, get
from tests.support.stored.comparable import STEADY, TINY, session

GB = 2**30
ATTENTION = {"head_count": 32, "head_count_kv": 8, "key_length": 128, "value_length": 128}


def overview(client: FlaskClient, **query: Any) -> Any:
    return get(client, f"/overview?{urlencode(query)}")


def remember(model: str, **metrics: float) -> None:
    """Store what a test measured of the machine."""
    of_model = Test.select(Test.id).where(Test.model == model)
    for result in Result.select().where(Result.test.in_(of_model)):
        statistics = {name: {"value": value, "n": 8, "unit": ""} for name, value in metrics.items()}
        found = {"metrics": {**result.metrics, **metrics}, "statistics": {**(result.statistics or {}), **statistics}}
        Result.update(**found).where(Result.test == result.test_id).execute()


def test_models_are_measured_computed_or_unknown(new_app: NewApp, ollama: OllamaDouble, redis: Redis) -> None:
    ollama.layers, ollama.attention = 32, ATTENTION
    client = new_app(price_per_kwh=ElectricityPrice(0.36, "EUR")).test_client()
    redis.set(inventory_of("local"), json.dumps(INVENTORY))
    readings.append_all(redis, [(clock_ms(redis), readings.with_gpus(readings.GPU))])
    session("one", {TINY: {0: STEADY}})
    remember(TINY, vramUsage=2.0 * GB, energyPerToken=10.0)
    session("elsewhere", {"far:8b": {0: STEADY}}, host="other")
    found = overview(client, host="local", context=4096)
    models = {model["modelName"]: model for model in found["models"]}
    measured, computed, far = models[TINY], models["small:latest"], models["far:8b"]
    memory = measured["memory"]
    assert (memory["measured"], memory["measuredContext"], memory["weights"]) == (2 * GB, 2048, None)
    assert memory["added"] == 2048 * 131_072
    [cost] = measured["costs"]
    assert (measured["speed"]["value"], cost["users"], cost["joules"], round(cost["price"], 6)) == (100, 1, 10, 1)
    assert (computed["memory"]["measured"], computed["memory"]["added"]) == (None, 4096 * 131_072)
    assert (computed["installed"], computed["speed"], computed["costs"]) == (True, None, [])
    assert (far["installed"], far["memory"]["fit"]) == (False, None)
    assert "does not report" in far["memory"]["notes"][-1]
    assert found["room"]["vram"] == INVENTORY["gpu"][0]["memory"]
    assert found["heldByOthers"] == 100 * readings.MB
    assert found["answers"][1]["answer"] == f"{TINY} writes 100 tok/s."
    assert found["answers"][3]["answer"] == f"{TINY} costs the least: 1 EUR for a million tokens with one user."
    assert {line["name"] for line in found["lastHour"]["lines"]} > {"gpu", "cpu"}


def test_a_real_model_that_was_not_measured(new_app: NewApp, ollama_url: str, tiny_model: str) -> None:
    [model] = overview(new_app(ollama_hosts={"local": ollama_url}).test_client(), context=8192)["models"]
    assert model["modelName"] == tiny_model
    assert model["memory"]["weights"] == model["size"]
    assert model["memory"]["added"] == 8192 * 512  # 1 layer, 2 heads of 64 numbers of 16 bits, twice
    assert model["memory"]["fit"] is None  # no sampler has described the machine


def test_a_host_that_does_not_answer_has_what_was_measured(client: FlaskClient) -> None:
    session("one", {TINY: {0: STEADY}}, host="other")
    found = overview(client, host="other")
    assert "http://127.0.0.1:1" in found["problem"]
    installed = {model["modelName"]: model["installed"] for model in found["models"]}
    assert installed == {TINY: None, "small:latest": None}  # the other host has both
    assert found["lastHour"]["at"] == []


@pytest.mark.parametrize(("query", "status"), [("host=moon", 422), ("context=1", 422), ("context=12.5", 422)])
def test_parameters(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/api/v1/overview?{query}").status_code == status
