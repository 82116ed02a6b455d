import json
import socket
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from common.errors import OllamaError, OllamaHTTPError, OllamaProtocolError, OllamaUnreachable
from common.ollama.client import Ollama
from testbed.ollama_double import OllamaDouble, Script, Timing
from testbed.servers.certificate import CERTIFICATE
from testbed.waiting import DEADLINE_S, until
from tests.support.ollama.generations import known
from worker.ollama import client
from worker.ollama.client import Driver, Request
from worker.ollama.responses import Generation, read_embeddings, read_stream
from worker.ollama.timing.socket import CLIENT

REQUEST = Request("tiny:latest", "123 a prompt", 32, 512)
LAST = {"response": "", "done": True, "done_reason": "length", "total_duration": 9, "eval_count": 2}


@pytest.fixture
def driver(double: OllamaDouble) -> Driver:
    return Driver(Ollama(double.url))


def read(*lines: object) -> Generation:
    return read_stream((number, json.dumps(line).encode()) for number, line in enumerate(lines))


# The stream


def test_only_chunks_with_content_are_stamped() -> None:
    chunk = {"done": False}
    answer = read(
        {"response": "", **chunk}, {"thinking": "hm", "response": "", **chunk}, {"response": "a", **chunk}, LAST
    )
    assert (answer.content_ns, answer.done_ns, answer.done_reason) == ((1, 2), 3, "length")


def test_a_last_line_with_content_counts_too() -> None:
    assert read({**LAST, "response": "b"}).content_ns == (0,)


def test_fields_that_are_missing_or_wrong_are_unknown() -> None:
    server = read(LAST).server
    assert (server.total_ns, server.output_tokens) == (9, 2)
    assert (server.load_ns, server.prompt_tokens, server.cached_tokens) == (None, None, None)
    assert read({**LAST, "prompt_eval_cached_count": 0}).server.cached_tokens == 0


@pytest.mark.parametrize("wrong", ["many", "7", None, 1.5, 7.0, [], {}, True, -1, 1 << 63, float("nan"), float("inf")])
def test_a_field_that_is_not_a_count_is_unknown_alone(wrong: object) -> None:
    server = read({**LAST, "eval_count": wrong, "load_duration": 7}).server
    assert (server.output_tokens, server.load_ns, server.total_ns) == (None, 7, 9)
    assert server.wrong == (() if wrong is None else ("eval_count",))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("response", 7), ("response", ["a"]), ("thinking", {}), ("done", "false"), ("done", 1), ("done_reason", 7)],
)
def test_text_that_is_not_a_text_is_an_error(name: str, wrong: object) -> None:
    with pytest.raises(ValueError, match=f"{name} is "):
        read({**LAST, name: wrong})


def test_null_stands_for_no_text() -> None:
    answer = read({"response": None, "thinking": None, "done": None}, {**LAST, "done_reason": None})
    assert (answer.content_ns, answer.text, answer.done_reason) == ((), "", "")


@pytest.mark.parametrize("wrong", [None, [], ["a"], [True], [1.0, None], [float("nan")], {"0": 1}, "abc", 7])
def test_only_lists_of_finite_numbers_are_vectors(wrong: object) -> None:
    body = json.dumps({"embeddings": [[0.5, 1], wrong], "total_duration": "long"}).encode()
    found = read_embeddings([(7, body)])
    assert (found.count, found.answer.server.total_ns) == (1, None)


@pytest.mark.parametrize("line", [[], "text", 7, None])
def test_lines_that_are_not_objects_are_an_error(line: object) -> None:
    with pytest.raises(ValueError, match="is not a JSON object"):
        read(line)


def test_a_stream_without_last_line_is_broken() -> None:
    with pytest.raises(OllamaProtocolError, match="without its last line"):
        read({"response": "a", "done": False})


# Requests


def test_a_generation_is_timed(driver: Driver, double: OllamaDouble) -> None:
    double.timing = Timing(load=20, first=30, each=2)
    found = driver.generate(REQUEST)
    gaps = [after - before for before, after in pairwise(found.content_ns)]
    assert found.server.output_tokens == len(found.content_ns) == 32
    assert found.content_ns[0] >= 50_000_000  # the double waits at least so long
    assert found.content_ns[-1] >= found.content_ns[0] + sum(gaps)
    assert known(found.server.total_ns) <= found.done_ns
    assert double.requests[0].options == {**client.SAMPLING, "temperature": 0.7, "num_predict": 32, "num_ctx": 512}


BROKEN: list[tuple[Script, type[OllamaError], str, bool]] = [
    (Script(status=400, error="invalid option"), OllamaHTTPError, "answered 400: invalid option", False),
    (Script(at=32, then="end"), OllamaProtocolError, "without its last line", True),
    (Script(at=5, then=b"\xff\xfe\n"), OllamaProtocolError, "unexpected response", True),
    (Script(at=5, then=b"[1]\n"), OllamaProtocolError, "is not a JSON object", True),
    (Script(at=5, then=b'{"response": 7, "done": false}\n'), OllamaProtocolError, "response is 7", True),
]


@pytest.mark.parametrize(("script", "error", "words", "retry_helps"), BROKEN)
def test_each_fault_is_an_error_that_says_what_happened(  # noqa: PLR0913 - the parts of a case
    driver: Driver,
    double: OllamaDouble,
    script: Script,
    error: type[OllamaError],
    words: str,
    *,
    retry_helps: bool,
) -> None:
    double.order(script)
    with pytest.raises(error, match=words) as broken:
        driver.generate(REQUEST)
    assert broken.value.retry_helps == retry_helps
    assert driver.generate(REQUEST).server.output_tokens == 32  # the next one finds nothing left of it


def test_an_address_without_a_server_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        driver = Driver(Ollama(f"http://127.0.0.1:{taken.getsockname()[1]}"))
        for ask in (lambda: driver.generate(REQUEST), lambda: driver.unload("m"), lambda: driver.is_loaded("m")):
            with pytest.raises(OllamaUnreachable, match="cannot be reached"):
                ask()


# Concurrency


def at_once(drivers: list[Driver], double: OllamaDouble) -> list[Generation]:
    """Return what all drivers generate, after all of them have sent a request."""
    double.order(*[Script(at=3, then="hang")] * len(drivers))
    with ThreadPoolExecutor(len(drivers)) as streams:
        asked = [streams.submit(driver.generate, REQUEST) for driver in drivers]
        until(lambda: double.max_concurrent == len(drivers), "all of the streams at once")
        double.release()
        return [one.result(DEADLINE_S) for one in asked]


def test_streams_run_at_once(double: OllamaDouble) -> None:
    found = at_once([Driver(Ollama(double.url)) for _ in range(16)], double)
    assert {generation.server.output_tokens for generation in found} == {32}


def test_a_hanging_stream_delays_no_other(driver: Driver, double: OllamaDouble) -> None:
    double.order(Script(at=3, then="hang"))
    with ThreadPoolExecutor(1) as other:
        hanging = other.submit(Driver(Ollama(double.url)).generate, REQUEST)
        until(lambda: double.requests, "the request that hangs")
        assert driver.generate(REQUEST).server.output_tokens == 32
        assert not hanging.done()
        double.release()
        assert hanging.result(DEADLINE_S).server.output_tokens == 32


def test_under_tls_the_client_stamps_and_streams_run_at_once(tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    certificate.write_text(CERTIFICATE)
    with OllamaDouble(certificate=certificate) as double:
        drivers = [Driver(Ollama(double.url)) for _ in range(2)]
        for driver in drivers:
            driver.http.verify = str(certificate)
        assert {generation.clock for generation in at_once(drivers, double)} == {CLIENT}


# Unloading


def test_unloading_returns_when_the_model_is_gone(driver: Driver, double: OllamaDouble) -> None:
    double.timing = Timing(unload=100)
    driver.generate(REQUEST)
    driver.unload("tiny:latest")
    assert not double.loaded
    driver.unload("tiny:latest")  # one that is not there is fine


def test_the_wait_for_an_unload_is_bounded(
    driver: Driver, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "UNLOAD_TIMEOUT_S", 0.2)
    double.timing = Timing(unload=60_000)
    driver.generate(REQUEST)
    with pytest.raises(OllamaError, match="tiny:latest is still loaded"):
        driver.unload("tiny:latest")


def test_a_servers_error_can_be_stored_in_any_database(double: OllamaDouble) -> None:
    with pytest.raises(OllamaProtocolError) as broken:
        read({"error": "bad\x00 " + "x" * 10_000})
    assert "bad  xxx" in str(broken.value)
    assert len(str(broken.value)) < 1000
    assert read({**LAST, "done_reason": "odd\x00\n"}).done_reason == "odd  "
    double.version = "0.9\x00" + "9" * 100
    assert Ollama(double.url).version() == ("0.9 " + "9" * 100)[:64]
