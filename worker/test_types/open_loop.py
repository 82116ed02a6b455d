import hashlib
import secrets
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus

import numpy as np

from common.catalogue.options import Options
from common.errors import OllamaHTTPError
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.units import NS_PER_S
from worker.ollama.request_metrics import total_tokens
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.traffic.closed_loop import Users, closed_loop
from worker.workload.traffic.open_loop import Arrival, last_ns, open_loop
from worker.workload.wording import rate, share, value_by_point

USERS = (1, 2, 4, 8, 16)
GROWTH = 1.05
"""Smallest growth of the throughput for which the number of users is raised further."""
CAPACITY_S, CAPACITY_REQUESTS = 5, 2
"""How long each number of users is measured at least, and how often each user is answered in that time."""
SECOND_MS = 1000
CAPACITY = "capacityRequestsPerSecond"


class OpenLoop(Workload, implements="open-loop"):
    """Poisson arrivals at shares of the server's capacity, as from many people, whether or not the server keeps up.

    The arrivals are seeded. A wait counts from the intended time of the request, so that a server that delays its
    clients cannot hide it.
    """

    rate = "aggregateTokensPerSecond"
    warm_ups = (1, 1)
    capacity: float | None = None

    def prepare(self, context: RunContext) -> None:
        super().prepare(context)
        self.capacity = self.capacity or self._stored_capacity(context) or self._measure_capacity(context)

    def _stored_capacity(self, context: RunContext) -> float | None:
        """Return the capacity that an earlier worker measured, so that all loads are shares of one capacity."""
        return next((run.metrics[CAPACITY] for run in context.runs), None)

    def _measure_capacity(self, context: RunContext) -> float:
        """Return the largest throughput of a closed loop (requests/s), with growing numbers of users."""
        best = 0.0
        for users in USERS:
            found = context.retry(partial(self._closed_loop, context, users))
            if found < GROWTH * best:
                break
            best = found
        context.log(f"capacity: {rate(best, 'requests/s')} in a closed loop")
        return best

    def _closed_loop(self, context: RunContext, users: int) -> float:
        asked, prompt = expected(context.options), partial(self.prompt, context)
        load = Users(users, prompt, asked, secrets.token_hex(), CAPACITY_S, CAPACITY_REQUESTS)
        return closed_loop(context, load).result().own.get("requestsPerSecond") or 0.0

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        return self._offer(context, seed, requests=1)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        return self._offer(context, seed, context.options["requests"])

    def _offer(self, context: RunContext, seed: str, requests: int) -> RunResult:
        offered = (self.capacity or 0.0) * context.options["loadPercent"] / 100
        prompts = [self.prompt(context, f"{seed} {number}") for number in range(requests)]
        arrivals = open_loop(context, arrivals_ns(seed, offered, requests), prompts)
        answered = [
            RequestResult(
                arrival.answer, expected(context.options), late_ns=arrival.answer.sent_ns - arrival.intended_ns
            )
            for arrival in arrivals
            if arrival.answer
        ]
        if not answered:
            raise OllamaHTTPError(f"The server answered 0 of {requests} requests.", HTTPStatus.SERVICE_UNAVAILABLE)
        load = {"offeredRequestsPerSecond": offered, CAPACITY: self.capacity}
        return RunResult(tuple(answered), load | self._goodput(context.options, answered, requests, _span_s(arrivals)))

    def _goodput(self, options: Options, answered: Sequence[RequestResult], requests: int, seconds: float) -> Metrics:
        """Return the metrics of a run of `requests`, of which some were answered."""
        tokens = total_tokens([request_result.generation for request_result in answered])
        good = sum(_is_good(request_result.metrics(self.rate), options) for request_result in answered)
        return {
            "requestsPerSecond": len(answered) / seconds,
            "aggregateTokensPerSecond": None if tokens is None else tokens / seconds,
            "goodput": good / seconds,
            "goodputShare": 100 * good / requests,
            "failedRequests": float(requests - len(answered)),
        }

    def finding(self, metrics: TestMetrics) -> str:
        points = value_by_point(metrics.points, "goodputShare")
        shares: list[tuple[int | str, float | None]] = [(point["loadPercent"], value) for point, value in points]
        capacity = metrics.get(CAPACITY)
        if capacity is None:
            return "The capacity of the server is unknown."
        if not shares:
            shares = [(metrics.main_point["loadPercent"], metrics.get("goodputShare"))]
        goodput = ", ".join(f"{share(value)} of the requests at {percent} % load" for percent, value in shares)
        return f"Goodput under Poisson arrivals: {goodput}. The capacity is {rate(capacity, 'requests/s')}."


def arrivals_ns(seed: str, per_second: float, requests: int) -> list[int]:
    """Return the arrivals of a Poisson process, in nanoseconds after the first."""
    generator = np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))
    gaps = generator.exponential(NS_PER_S / per_second, requests - 1)
    return [0, *np.cumsum(gaps).astype(int).tolist()]


def _is_good(metrics: Metrics, options: Options) -> bool:
    """Return True if an answer met both objectives, counted from the intended time of its request."""
    first, pace = metrics["timeToFirstToken"], metrics["clientTokensPerSecond"]
    if first is None or pace is None:
        return False
    return bool(first <= options["ttftObjective"] and SECOND_MS / pace <= options["interTokenObjective"])


def _span_s(arrivals: Sequence[Arrival]) -> float:
    """Return the time from the first intended request to the last content."""
    begin = min(arrival.intended_ns for arrival in arrivals)
    return (max(last_ns(arrival.answer) for arrival in arrivals if arrival.answer) - begin) / NS_PER_S
