"""What it costs the machine that Gait measures on: the processor time of its own client."""

import time

from bench.paced import NEXT_NS
from common.ollama.client import Ollama
from common.units import NS_PER_S
from worker.ollama.client import Driver, Request

GENERATIONS = 5
TOKENS = 200


def overhead(url: str) -> str:
    """In words, against the paced server there."""
    return f"Gait's client needs {share(url):.1f} % of a core for one stream of {NS_PER_S // NEXT_NS} tokens/s."


def share(url: str) -> float:
    """In percent of one core, all that a process needs for one answer after the other, its connection open already."""
    driver = Driver(Ollama(url))
    driver.generate(_request(0))
    busy, passed = time.process_time(), time.monotonic()
    for number in range(GENERATIONS):
        driver.generate(_request(1 + number))
    return 100 * (time.process_time() - busy) / (time.monotonic() - passed)


def _request(number: int) -> Request:
    return Request("paced", f"overhead {number}", TOKENS, context_length=2048)
