"""Processor time of Gait's own client, which is a cost on the machine that it measures."""

import time

from bench.fidelity.reference_server import NEXT_NS
from common.ollama.client import Ollama
from common.values.units import NS_PER_S
from worker.ollama.client import Driver, Request

GENERATIONS = 5
TOKENS = 200


def overhead(url: str) -> str:
    """Describe the cost, measured against the reference server at the URL."""
    return f"Gait's client needs {share(url):.1f} % of a core for one stream of {NS_PER_S // NEXT_NS} tokens/s."


def share(url: str) -> float:
    """Return the processor time for one answer after the other on an open connection, in percent of one core."""
    driver = Driver(Ollama(url))
    driver.generate(_request(0))
    busy, passed = time.process_time(), time.monotonic()
    for number in range(GENERATIONS):
        driver.generate(_request(1 + number))
    return 100 * (time.process_time() - busy) / (time.monotonic() - passed)


def _request(number: int) -> Request:
    return Request("reference", f"overhead {number}", TOKENS, context_length=2048)
