import secrets
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.errors import OllamaHTTPError
from common.records.runs import Metrics
from common.records.test_metrics import Figure, TestMetrics
from common.values.units import NS_PER_S
from worker.ollama.request_metrics import total_tokens
from worker.ollama.responses import Generation
from worker.verdicts import Verdict
from worker.workload.objectives import is_good
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.traffic import left_out_requests
from worker.workload.traffic.closed_loop import Users, closed_loop
from worker.workload.traffic.open_loop import Arrival, arrivals_ns, open_loop
from worker.workload.wording import by_point, rate, share

USERS = (1, 2, 4, 8, 16)
GROWTH = 1.05
"""Smallest growth of the throughput for which the number of users is raised further."""
CAPACITY_S, CAPACITY_REQUESTS = 5, 2
"""How long each number of users is measured at least, and how often each user is answered in that time."""
CAPACITY = "capacityRequestsPerSecond"
SHARE, ABSOLUTE = "loadPercent", "requestsPerSecond"


class OpenLoop(Workload, implements="open-loop"):
    """Poisson arrivals at absolute rates or shares of the server's capacity, whether or not the server keeps up.

    The arrivals of a point and a repetition are the same in all sessions. A wait counts from the intended time of the
    request, so that a server that delays its clients cannot hide it.
    """

    rate = "aggregateTokensPerSecond"
    warm_ups = (1, 1)
    capacity: float | None = None

    def prepare(self, context: RunContext) -> None:
        super().prepare(context)
        if SHARE in _point(context.options):
            self.capacity = self.capacity or self._stored_capacity(context) or self._measure_capacity(context)

    def _stored_capacity(self, context: RunContext) -> float | None:
        """Return the capacity that an earlier worker measured, so that all loads are shares of one capacity."""
        return next((run.metrics[CAPACITY] for run in context.runs if run.metrics.get(CAPACITY)), None)

    def _measure_capacity(self, context: RunContext) -> float:
        """Return the largest throughput of a closed loop in steady state (requests/s), with growing numbers of users.

        Raises:
            OllamaHTTPError: if no number of users is answered.
        """
        best = 0.0
        for users in USERS:
            found = context.retry(partial(self._closed_loop, context, users))
            if found < GROWTH * best:
                break
            best = found
        if not best:
            raise OllamaHTTPError("The server answered no request of a closed loop.", HTTPStatus.SERVICE_UNAVAILABLE)
        context.log(f"capacity: {rate(best, 'requests/s')} in a closed loop")
        return best

    def _closed_loop(self, context: RunContext, users: int) -> float:
        asked, prompt = expected(context.options), partial(self.prompt, context)
        load = Users(users, prompt, asked, secrets.token_hex(), CAPACITY_S, CAPACITY_REQUESTS)
        return closed_loop(context, load).result().own.get("requestsPerSecond") or 0.0

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        return self._offer(context, seed, [0])

    def perform(self, context: RunContext, seed: str) -> RunResult:
        options, point = context.options, _point(context.options)
        repetition = 1 + sum(run.conditions == point for run in context.runs)
        common = f"{' '.join(f'{name} {value}' for name, value in point.items())} {repetition}"
        offered, duration = self._offered(options), options["durationSeconds"]
        return self._offer(context, seed, arrivals_ns(common, offered, options["requests"], duration))

    def _offered(self, options: Options) -> float:
        """Return the load at the point, in requests per second."""
        point = _point(options)
        return float(point[ABSOLUTE]) if ABSOLUTE in point else (self.capacity or 0.0) * float(point[SHARE]) / 100

    def _offer(self, context: RunContext, seed: str, starts_ns: Sequence[int]) -> RunResult:
        prompts = [self.prompt(context, f"{seed} {number}") for number in range(len(starts_ns))]
        arrivals = open_loop(context, starts_ns, prompts)
        answered = [_result(arrival, arrival.answer, context.options) for arrival in arrivals if arrival.answer]
        counted = [result for result in answered if _rejection(result) is None]
        rejections = [verdict for verdict in map(_rejection, answered) if verdict]
        if not counted and not rejections:
            message = f"The server answered 0 of {len(arrivals)} requests."
            raise OllamaHTTPError(message, HTTPStatus.SERVICE_UNAVAILABLE)
        load = {"offeredRequestsPerSecond": self._offered(context.options), CAPACITY: self.capacity}
        own = load | self._goodput(context.options, counted, len(arrivals) - len(rejections), arrivals)
        return RunResult(tuple(counted), own, left_out_requests.verdicts(rejections, len(arrivals)))

    def _goodput(
        self, options: Options, counted: Sequence[RequestResult], requests: int, arrivals: Sequence[Arrival]
    ) -> Metrics:
        """Return the metrics of a run. Of the `requests` that count, some were answered."""
        tokens = total_tokens([arrival.answer for arrival in arrivals if arrival.answer])
        good = sum(is_good(request_result.metrics(self.rate), options) for request_result in counted)
        seconds = _span_s(arrivals)
        return {
            "requestsPerSecond": len(counted) / seconds,
            "aggregateTokensPerSecond": None if tokens is None else tokens / seconds,
            "goodput": good / seconds,
            "goodputShare": 100 * good / requests if requests else None,
            "failedRequests": float(requests - len(counted)),
        }

    def finding(self, metrics: TestMetrics) -> str:
        values = by_point(metrics.points, "goodputShare")
        shares: list[tuple[Point, Figure]] = [*values] or [(metrics.main_point, metrics.figure("goodputShare"))]
        known = [f"{share(value)} of the requests at {_load(point)}" for point, value in shares if point]
        if not known:
            return "The share of the requests that are answered well is unknown."
        capacity = metrics.get(CAPACITY)
        closed = "" if capacity is None else f" The capacity is {rate(capacity, 'requests/s')}."
        return f"Goodput under Poisson arrivals: {', '.join(known)}.{closed}"


def _point(options: Options) -> Point:
    """Return the load at the point: the one of the two options that has a single value."""
    return {name: options[name] for name in (SHARE, ABSOLUTE) if not isinstance(options[name], list)}


def _load(point: Point) -> str:
    return f"{point[SHARE]} % load" if SHARE in point else f"{point[ABSOLUTE]} requests/s"


def _rejection(request_result: RequestResult) -> Verdict | None:
    return left_out_requests.rejection(request_result.generation, request_result.expected)


def _result(arrival: Arrival, answer: Generation, options: Options) -> RequestResult:
    return RequestResult(answer, expected(options), late_ns=answer.sent_ns - arrival.intended_ns)


def _span_s(arrivals: Sequence[Arrival]) -> float:
    """Return the time from the first intended request to the last content."""
    begin = min(arrival.intended_ns for arrival in arrivals)
    return (max(arrival.end_ns for arrival in arrivals) - begin) / NS_PER_S
