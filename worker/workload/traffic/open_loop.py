"""An open loop: requests are sent at given times, whether or not earlier ones were answered."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common.errors import OllamaError
from common.values.units import NS_PER_S
from worker.ollama.responses import Generation
from worker.workload.claim_monitor import ClaimMonitor
from worker.workload.run_context import RunContext
from worker.workload.traffic.clients import open_clients

MAX_IN_FLIGHT = 256
"""Further requests wait here, and their wait counts."""
MAX_REQUESTS = 100_000
"""Requests of a run that ends after a given time."""


@dataclass(frozen=True)
class Arrival:
    """A request that was intended for `intended_ns` (CLOCK_REALTIME), with its answer; None if it failed."""

    intended_ns: int
    answer: Generation | None

    @property
    def end_ns(self) -> int:
        """The time of the last content, or the intended time of a request that failed."""
        if self.answer is None:
            return self.intended_ns
        content = self.answer.content_ns
        return self.answer.sent_ns + (content[-1] if content else self.answer.done_ns)


def arrivals_ns(seed: str, per_second: float, requests: int, duration_s: float | None = None) -> list[int]:
    """Return the arrivals of a Poisson process, in nanoseconds after the first.

    These are all in the duration if one is given, at most MAX_REQUESTS, or else this number of requests. They depend on
    the seed alone, in units of the mean gap.
    """
    generator = np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))
    number = requests if duration_s is None else min(MAX_REQUESTS, 100 + round(4 * per_second * duration_s))
    gaps = generator.exponential(NS_PER_S / per_second, number - 1)
    times: list[int] = [0, *np.cumsum(gaps).astype(int).tolist()]
    return times if duration_s is None else [at for at in times if at < duration_s * NS_PER_S]


def open_loop(context: RunContext, starts_ns: Sequence[int], prompts: Sequence[str]) -> list[Arrival]:
    """Send each prompt at its time, in nanoseconds after all connections are open, and return the arrivals."""
    claim_monitor = ClaimMonitor(context.ensure_active)

    def ask_at(client: RunContext, intended_ns: int, prompt: str) -> Arrival:
        claim_monitor.sleep_until(intended_ns)
        try:
            return Arrival(intended_ns, client.generate(prompt))
        except OllamaError:
            return Arrival(intended_ns, None)

    with open_clients(context, claim_monitor, min(len(prompts), MAX_IN_FLIGHT)) as clients:
        begin = time.time_ns()
        asked = zip(starts_ns, prompts, strict=True)
        return claim_monitor.results([clients.submit(ask_at, begin + start_ns, prompt) for start_ns, prompt in asked])
