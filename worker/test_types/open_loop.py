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
from worker.workload import traffic
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.wording import at, rate, share

USERS = (1, 2, 4, 8, 16)
GROWTH = 1.05
"""More users that bring less are beyond the knee."""
SECOND_MS = 1000
CAPACITY = "capacityRequestsPerSecond"


class OpenLoop(Workload, implements="open-loop"):
    """Requests that come by chance, at shares of what the server can do, whether or not those before are answered, as
    those of many people do: Poisson arrivals, seeded. A wait counts from when its request was meant to be sent, so that
    a server which holds up its clients hides nothing by it.
    """

    rate = "aggregateTokensPerSecond"
    warm_ups = (1, 1)
    capacity: float | None = None

    def prepare(self, context: RunContext) -> None:
        super().prepare(context)
        self.capacity = self.capacity or self._stored_capacity(context) or self._measure_capacity(context)

    def _stored_capacity(self, context: RunContext) -> float | None:
        """That of the worker before this one, so that all loads of a test are shares of one capacity."""
        return next((run.metrics[CAPACITY] for run in context.runs), None)

    def _measure_capacity(self, context: RunContext) -> float:
        """The throughput of a closed loop, in requests a second, of more and more users until more bring no more."""
        best = 0.0
        for users in USERS:
            found = context.retry(partial(self._closed_loop, context, users))
            if found < GROWTH * best:
                break
            best = found
        context.log(f"capacity: {rate(best, 'requests/s')} in a closed loop")
        return best

    def _closed_loop(self, context: RunContext, users: int) -> float:
        answers = traffic.closed_loop(context, [[self.template.prompt(secrets.token_hex())] for _ in range(users)])
        return len(answers) / traffic.span_s(answers)

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        return self._offer(context, seed, requests=1)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        return self._offer(context, seed, context.options["requests"])

    def _offer(self, context: RunContext, seed: str, requests: int) -> RunResult:
        offered = (self.capacity or 0.0) * context.options["loadPercent"] / 100
        prompts = [self.template.prompt(f"{seed} {number}") for number in range(requests)]
        arrivals = traffic.open_loop(context, arrivals_ns(seed, offered, requests), prompts)
        asked = [
            RequestResult(
                arrival.answer, expected(context.options), late_ns=arrival.answer.sent_ns - arrival.intended_ns
            )
            for arrival in arrivals
            if arrival.answer
        ]
        if not asked:
            raise OllamaHTTPError(f"none of {requests} requests was answered", HTTPStatus.SERVICE_UNAVAILABLE)
        given = {"offeredRequestsPerSecond": offered, CAPACITY: self.capacity}
        return RunResult(tuple(asked), given | self._served(context.options, asked, requests, _span_s(arrivals)))

    def _served(self, options: Options, asked: Sequence[RequestResult], requests: int, seconds: float) -> Metrics:
        """What came of so many requests, of which these were answered."""
        good = sum(_is_good(request_result.metrics(self.rate), options) for request_result in asked)
        return {
            "requestsPerSecond": len(asked) / seconds,
            "aggregateTokensPerSecond": sum(each.generation.server.output_tokens for each in asked) / seconds,
            "goodput": good / seconds,
            "goodputShare": 100 * good / requests,
            "failedRequests": float(requests - len(asked)),
        }

    def finding(self, metrics: TestMetrics) -> str:
        shares = [(point["loadPercent"], value) for point, value in at(metrics.points, "goodputShare")]
        capacity = metrics.get(CAPACITY)
        if capacity is None:
            return "How much load it takes is unknown."
        told = ", ".join(f"{share(value)} at {percent} %" for percent, value in shares)
        told = told or f"{share(metrics.get('goodputShare'))} at {metrics.main_point['loadPercent']} %"
        return f"Of requests that come by chance, so many are answered well: {told} of {rate(capacity, 'requests/s')}."


def arrivals_ns(seed: str, per_second: float, requests: int) -> list[int]:
    """When requests come that know nothing of each other: a Poisson process, in nanoseconds after its first."""
    lot = np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))
    gaps = lot.exponential(NS_PER_S / per_second, requests - 1)
    return [0, *np.cumsum(gaps).astype(int).tolist()]


def _is_good(metrics: Metrics, options: Options) -> bool:
    """Whether an answer met both objectives, from when its request was meant to be sent."""
    first, pace = metrics["timeToFirstToken"], metrics["clientTokensPerSecond"]
    if first is None or pace is None:
        return False
    return bool(first <= options["ttftObjective"] and SECOND_MS / pace <= options["interTokenObjective"])


def _span_s(arrivals: Sequence[traffic.Arrival]) -> float:
    """From the first intended start to the last content."""
    begin = min(arrival.intended_ns for arrival in arrivals)
    return (max(traffic.last_ns(arrival.answer) for arrival in arrivals if arrival.answer) - begin) / NS_PER_S
