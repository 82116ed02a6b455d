"""Each fault of a server at each kind of request is a typed error with advice, and the next request succeeds.

What a session makes of them is in ../sessions/test_faults.py.
"""

import re
import socket
from collections.abc import Callable

import pytest

from common.environment.timeouts import TimeLimits
from common.errors import OllamaError, OllamaTimeout
from common.ollama.client import Ollama
from testbed.ollama_double import OllamaDouble
from tests.support.ollama.faults import LIMIT_S, REQUESTS, Fault
from worker.ollama.client import Driver, Request

pytestmark = pytest.mark.slow

TINY = "tiny:latest"
ASK: dict[str, Callable[[Driver], object]] = {
    "/api/show": lambda driver: driver.server.facts(TINY),
    "/api/tags": lambda driver: driver.server.models(),
    "/api/ps": lambda driver: driver.server.loaded(),
    "before the first token": lambda driver: driver.generate(Request(TINY, "1 a prompt", 16, 512)),
    "after the first token": lambda driver: driver.generate(Request(TINY, "1 a prompt", 16, 512)),
    "embedding": lambda driver: driver.embed(TINY, ["one"], 512),
}
CASES = [
    pytest.param(kind, fault, id=f"{kind}-{name}")
    for kind, faults in REQUESTS.items()
    for name, fault in faults.items()
]


@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_a_fault_is_a_typed_error_with_advice(double: OllamaDouble, kind: str, fault: Fault) -> None:
    server = Ollama(double.url, LIMIT_S) if fault.limits else Ollama(double.url)
    driver = Driver(server, TimeLimits(**fault.limits))
    double.order(fault.script, to=kind if kind.startswith("/") else None)
    with pytest.raises(OllamaError) as raised:
        ASK[kind](driver)
    message = str(raised.value)
    assert type(raised.value) is fault.error, message
    assert re.search(fault.says, message), message
    assert raised.value.retry_helps == fault.retried
    assert len(message) < 1000
    ASK[kind](Driver(Ollama(double.url)))


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere a full queue refuses")
def test_a_connection_timeout_names_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy, socket.create_connection(busy.getsockname()):
        url = f"http://127.0.0.1:{busy.getsockname()[1]}"
        with pytest.raises(
            OllamaTimeout, match=r"accepted no connection.* within 0\.3 s\. .* raise CONNECT_TIMEOUT"
        ) as late:
            Driver(Ollama(url), TimeLimits(connect_s=LIMIT_S)).generate(Request(TINY, "x", 1, 512))
    assert late.value.retry_helps
