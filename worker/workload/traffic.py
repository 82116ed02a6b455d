"""Many requests at once.

In a closed loop, each user sends the next request after an answer. In an open loop, requests are sent at given times,
whether or not earlier ones were answered.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

from common.errors import OllamaError
from common.units import NS_PER_S
from worker.ollama.responses import Generation
from worker.workload.claim_monitor import ClaimMonitor
from worker.workload.run_context import RunContext

MAX_IN_FLIGHT = 256
"""Further requests wait here, and their wait counts."""
MIN_SHARE = 0.1
"""Share of the busy time. A shorter overlap is just the end of one answer and the beginning of the next."""


def closed_loop(context: RunContext, prompts: Sequence[Sequence[str]]) -> list[Generation]:
    """Send the prompts of all users at once, those of one user one after the other, and return the answers.

    Raises:
        OllamaError: from the first request that failed. No further requests are then sent.
    """
    stop = threading.Event()
    claim_monitor = ClaimMonitor(context.ensure_active)

    def ask(own: Sequence[str]) -> list[Generation]:
        user = context.for_thread(claim_monitor.ensure_active)
        try:
            return [user.generate(prompt) for prompt in own if not stop.is_set()]
        except BaseException:
            stop.set()
            raise

    with ThreadPoolExecutor(len(prompts)) as users:
        answers = claim_monitor.results([users.submit(ask, own) for own in prompts])
    return [answer for of_user in answers for answer in of_user]


@dataclass(frozen=True)
class Arrival:
    """A request that was intended for `intended_ns` (CLOCK_REALTIME), with its answer; None if it failed."""

    intended_ns: int
    answer: Generation | None


def open_loop(context: RunContext, starts_ns: Sequence[int], prompts: Sequence[str]) -> list[Arrival]:
    """Send each prompt at its time, in nanoseconds from now, and return the arrivals."""
    claim_monitor = ClaimMonitor(context.ensure_active)
    begin = time.time_ns()

    def ask_at(start_ns: int, prompt: str) -> Arrival:
        client, intended = context.for_thread(claim_monitor.ensure_active), begin + start_ns
        claim_monitor.sleep_until(intended)
        try:
            return Arrival(intended, client.generate(prompt))
        except OllamaError:
            return Arrival(intended, None)

    with ThreadPoolExecutor(min(len(prompts), MAX_IN_FLIGHT)) as pool:
        asked = zip(starts_ns, prompts, strict=True)
        return claim_monitor.results([pool.submit(ask_at, start_ns, prompt) for start_ns, prompt in asked])


def span_s(answers: Sequence[Generation]) -> float:
    """Return the seconds from the first request to the last content of all answers."""
    first = min(answer.sent_ns for answer in answers)
    return (max(last_ns(answer) for answer in answers) - first) / NS_PER_S


def writing_at_once(answers: Sequence[Generation]) -> int:
    """Return the number of answers that the server writes at once: the largest number that lasts a tenth of the time.

    An answer is written from its first content to its last.
    """
    spent = [0] * (len(answers) + 1)
    for start, end, level in _levels(answers):
        spent[level] += end - start
    busy = sum(spent[1:])
    return max((level for level in range(1, len(spent)) if busy and sum(spent[level:]) >= MIN_SHARE * busy), default=0)


def _levels(answers: Sequence[Generation]) -> Iterator[tuple[int, int, int]]:
    """Yield each interval (start, end) with the number of answers that were written during it."""
    edges = [(answer.sent_ns + answer.content_ns[0], 1) for answer in answers if answer.content_ns]
    edges += [(last_ns(answer), -1) for answer in answers if answer.content_ns]
    level = 0
    for (start, step), (end, _) in pairwise(sorted(edges)):
        level += step
        yield start, end, level


def last_ns(answer: Generation) -> int:
    """Return the time of the last content (CLOCK_REALTIME)."""
    return answer.sent_ns + (answer.content_ns[-1] if answer.content_ns else answer.done_ns)
