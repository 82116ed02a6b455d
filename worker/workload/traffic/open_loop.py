"""An open loop: requests are sent at given times, whether or not earlier ones were answered."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from common.errors import OllamaError
from worker.ollama.responses import Generation
from worker.workload.claim_monitor import ClaimMonitor
from worker.workload.run_context import RunContext
from worker.workload.traffic.clients import open_clients

MAX_IN_FLIGHT = 256
"""Further requests wait here, and their wait counts."""


@dataclass(frozen=True)
class Arrival:
    """A request that was intended for `intended_ns` (CLOCK_REALTIME), with its answer; None if it failed."""

    intended_ns: int
    answer: Generation | None


def open_loop(context: RunContext, starts_ns: Sequence[int], prompts: Sequence[str]) -> list[Arrival]:
    """Send each prompt at its time, in nanoseconds from now, and return the arrivals."""
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


def last_ns(answer: Generation) -> int:
    """Return the time of the last content (CLOCK_REALTIME)."""
    return answer.sent_ns + (answer.content_ns[-1] if answer.content_ns else answer.done_ns)
