"""The behaviour of Ollama on which the product relies, tested on a real Ollama and on the double."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from common.errors import OllamaHTTPError
from common.ollama.client import Ollama
from testbed.ollama_double import OllamaDouble
from tests.integration.worker.ollama.conftest import MODEL
from tests.support.ollama.generations import known
from worker.ollama.client import Driver, Request
from worker.verdicts.clocks import HEAD_START_NS

pytestmark = pytest.mark.slow


def asked(prompt: str, tokens: int = 8, context: int = 512) -> Request:
    return Request(MODEL, prompt, tokens, context)


def test_it_reports_its_version_and_models(url: str) -> None:
    server = Ollama(url)
    assert server.version().split(".")[0].isdigit()
    (model,) = server.models()
    assert model.name == MODEL
    assert len(model.digest) == 64
    assert model.size
    assert (model.modified or "").startswith("20")
    assert {"family", "parameter_size", "quantization_level"} <= model.details.keys()


def test_it_reports_a_models_context_length(url: str) -> None:
    facts = Ollama(url).facts(MODEL)
    assert facts.context_length == 8192
    assert "completion" in facts.capabilities


# `{{ .Thinking }}` in the template makes the server report a model as one that thinks.
THINKS = """{{ range .Messages }}{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}{{ end }}"""


@pytest.fixture(params=["double", "real"])
def with_thinker(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Yield a server with a second model `thinker`, whose template supports thinking."""
    if request.param == "double":
        with OllamaDouble("thinker:latest") as double:
            double.capabilities = ["completion", "thinking"]
            yield Driver(Ollama(double.url))
        return
    driver = Driver(Ollama(request.getfixturevalue("ollama_url")))
    body = {"model": "thinker", "from": MODEL, "template": THINKS, "stream": False}
    requests.post(f"{driver.server.url}/api/create", json=body, timeout=60).raise_for_status()
    yield driver
    driver.unload("thinker:latest")
    requests.delete(f"{driver.server.url}/api/delete", json={"model": "thinker"}, timeout=60).raise_for_status()


def test_a_thinking_model_has_the_capability(with_thinker: Driver) -> None:
    assert set(with_thinker.server.facts("thinker").capabilities) == {"completion", "thinking"}
    answer = with_thinker.generate(Request("thinker", "12 why", 4, 512, think=True))
    assert (answer.done_reason, answer.server.output_tokens) == ("length", 4)
    assert answer.server.prompt_tokens


def test_another_model_refuses_to_think(driver: Driver) -> None:
    assert driver.server.facts(MODEL).capabilities == ("completion",)
    with pytest.raises(OllamaHTTPError, match=r"400: .*does not support thinking"):
        driver.generate(Request(MODEL, "12 why", 4, 512, think=True))


def test_the_model_stays_in_memory_until_it_is_unloaded(driver: Driver) -> None:
    driver.generate(asked("123 a word"))
    (loaded,) = driver.server.loaded()
    assert (loaded.name, loaded.size_vram) == (MODEL, 0)
    assert loaded.size
    assert driver.is_loaded(MODEL)
    driver.unload(MODEL)
    assert driver.server.loaded() == []


def test_a_model_is_unloaded_after_its_last_request(driver: Driver) -> None:
    body = {"model": MODEL, "prompt": "125 a long answer", "options": {"num_predict": 400, "num_ctx": 512}}
    address = f"{driver.server.url}/api/generate"
    with ThreadPoolExecutor(1) as other, requests.post(address, json=body, stream=True, timeout=60) as answer:
        lines = answer.iter_lines()
        next(lines)
        rest = other.submit(list, lines)
        driver.unload(MODEL)
        assert driver.server.loaded() == []
    last = json.loads(rest.result()[-1])
    assert last["done_reason"] in {"length", "stop"}  # the model may end its text, and nobody else did


def test_the_last_line_adds_up(driver: Driver) -> None:
    generation = driver.generate(asked("456 some other words", tokens=24))
    server = generation.server
    assert (generation.done_reason, server.output_tokens) == ("length", 24)
    assert 1 < len(generation.content_ns) <= 24
    assert list(generation.content_ns) == sorted(generation.content_ns)
    assert generation.content_ns[-1] <= generation.done_ns
    parts = [known(part) for part in (server.load_ns, server.prompt_ns, server.output_ns)]
    assert min(parts) > 0
    assert sum(parts) <= known(server.total_ns) <= generation.done_ns + HEAD_START_NS


def test_one_token_is_counted(driver: Driver) -> None:
    generation = driver.generate(asked("789 one token", tokens=1))
    assert generation.server.output_tokens == len(generation.content_ns) == 1


def test_a_warm_model_still_has_a_load_duration(driver: Driver) -> None:
    driver.unload(MODEL)
    cold = driver.generate(asked("31 warm or cold"))
    warm = driver.generate(asked("32 warm or cold"))
    assert 0 < known(warm.server.load_ns) < known(cold.server.load_ns)
    assert cold.server.prompt_tokens == warm.server.prompt_tokens


def test_a_longer_prompt_has_more_tokens(driver: Driver) -> None:
    short, long = (driver.generate(asked(f"1{count} " + "water " * count)) for count in (10, 60))
    assert known(long.server.prompt_tokens) - known(short.server.prompt_tokens) >= 50


def test_another_context_length_reloads_the_model(driver: Driver) -> None:
    driver.generate(asked("51 context", context=512))
    same = driver.generate(asked("52 context", context=512))
    other = driver.generate(asked("53 context", context=1024))
    assert known(same.server.load_ns) < known(other.server.load_ns)


def test_a_missing_model_is_refused_by_name(driver: Driver) -> None:
    for ask in asking("nobody:latest", driver):
        with pytest.raises(OllamaHTTPError, match=r"404: model .nobody:latest. not found.*Pull the") as refused:
            ask()
        assert not refused.value.retry_helps


def asking(model: str, driver: Driver) -> list[Callable[[], object]]:
    """Return all requests that name a model."""
    return [
        lambda: driver.generate(Request(model, "12 x", 1, 512)),
        lambda: driver.embed(model, ["x"], 512),
        lambda: driver.unload(model),
        lambda: driver.server.facts(model),
    ]


@pytest.fixture(params=["double", "real"])
def with_mortal(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Yield a server with a second model `mortal` in memory."""
    if request.param == "double":
        with OllamaDouble(MODEL, "mortal:latest") as double:
            yield loading_mortal(double.url)
        return
    url = request.getfixturevalue("ollama_url")
    body = {"source": MODEL, "destination": "mortal"}
    Driver(Ollama(url)).unload(MODEL)  # else the copy is in memory by that name
    requests.post(f"{url}/api/copy", json=body, timeout=60).raise_for_status()
    yield loading_mortal(url)
    Driver(Ollama(url)).unload(MODEL)  # which is the same file, and so the same in memory


def loading_mortal(url: str) -> Driver:
    driver = Driver(Ollama(url))
    driver.generate(Request("mortal", "34 a word", 1, 512))
    return driver


def test_a_deleted_model_stays_in_memory_and_cannot_be_unloaded(with_mortal: Driver) -> None:
    url = with_mortal.server.url
    requests.delete(f"{url}/api/delete", json={"model": "mortal"}, timeout=60).raise_for_status()
    assert "mortal:latest" not in {model.name for model in with_mortal.server.models()}
    for ask in asking("mortal:latest", with_mortal):
        with pytest.raises(OllamaHTTPError, match=r"404: model .* not found"):
            ask()
    assert with_mortal.is_loaded("mortal:latest")


def test_answers_have_their_content_type(url: str) -> None:
    """The content type distinguishes a proxy's page from an answer."""
    generating = {"model": MODEL, "prompt": "12 x", "options": {"num_predict": 1}}
    embedding = {"model": MODEL, "input": ["x"]}
    answers = [requests.get(f"{url}/api/{path}", timeout=60) for path in ("version", "tags", "ps")]
    answers += [
        requests.post(f"{url}/api/{path}", json=body, timeout=60)
        for path, body in (("show", {"model": MODEL}), ("embed", embedding), ("generate", generating))
    ]
    marks = [answer.headers["Content-Type"] for answer in answers]
    assert marks == ["application/json; charset=utf-8"] * 5 + ["application/x-ndjson"]
    assert all("Content-Encoding" not in answer.headers for answer in answers)


def test_a_body_that_is_not_json_is_refused(url: str) -> None:
    answer = requests.post(f"{url}/api/generate", data="{bad", timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_request_without_prompt_loads_and_unloads(url: str) -> None:
    for more, reason in (({}, "load"), ({"keep_alive": 0}, "unload")):
        body = {"model": MODEL, "stream": False, **more}
        line = requests.post(f"{url}/api/generate", json=body, timeout=30).json()
        assert (line["done"], line["done_reason"], line["response"]) == (True, reason, "")
