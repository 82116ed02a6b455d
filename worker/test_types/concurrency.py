from collections.abc import Sequence
from statistics import median

from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from worker.ollama.request_metrics import total_tokens
from worker.ollama.responses import Generation
from worker.workload import traffic
from worker.workload.point_runs import PointRuns
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.wording import duration, rate, value_by_point

KNEE = 0.95
"""Share of the peak throughput that the knee reaches."""


class Concurrency(Workload, implements="concurrency"):
    """Growing numbers of users in a closed loop, who each send the next request after an answer.

    The knee represents the test: the smallest number of users that reaches 95 % of peak throughput.
    """

    rate = "aggregateTokensPerSecond"
    warm_ups = (1, 1)

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        return self._load(context, seed, requests=1)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        return self._load(context, seed, context.options["requestsPerUser"])

    def _load(self, context: RunContext, seed: str, requests: int) -> RunResult:
        users = range(context.options["users"])
        prompts = [[self.prompt(context, f"{seed} {user} {number}") for number in range(requests)] for user in users]
        answers = traffic.closed_loop(context, prompts)
        return RunResult(
            tuple(RequestResult(answer, expected(context.options)) for answer in answers), throughput(answers)
        )

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        known = [(point_runs, _median(point_runs, self.rate)) for point_runs in sorted(measured_points, key=_users)]
        peak = max((value for _, value in known), default=0.0)
        return next(point_runs for point_runs, value in known if value >= KNEE * peak)

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        slots = max(_median(point_runs, "writingAtOnce") for point_runs in measured_points)
        return {"kneeUsers": float(_users(self.main(measured_points))), "parallelSlots": slots or None}

    def finding(self, metrics: TestMetrics) -> str:
        knee, each, total = (metrics.get(name) for name in ("kneeUsers", "decodeTokensPerSecond", self.rate))
        if knee is None:
            return "The number of users that the server can serve is unknown."
        rates = f"{knee:.0f} users get {rate(each)} each" if knee > 1 else f"1 user gets {rate(each)}"
        whole = (
            "" if total is None else f", and {rate(total)}{' together' * (knee > 1)} with prompts and waiting included"
        )
        served = f"{rates} while the model writes{whole}."
        waits = [(int(point["users"]), wait) for point, wait in value_by_point(metrics.points, "timeToFirstToken")]
        beyond = min(((users, wait) for users, wait in waits if users > knee), default=None)
        if beyond is None:
            return f"{served} Larger numbers were not tested."
        users, wait = beyond
        slots = f"The server writes {metrics.get('parallelSlots') or 0:.0f} answers at once"
        return f"{served} {slots}, and half of {users} users wait longer than {duration(wait)} for the first token."


def throughput(answers: Sequence[Generation]) -> Metrics:
    """Return the throughput of all requests together, from the first request to the last content."""
    seconds, tokens = traffic.span_s(answers), total_tokens(answers)
    return {
        "aggregateTokensPerSecond": None if tokens is None else tokens / seconds,
        "requestsPerSecond": len(answers) / seconds,
        "writingAtOnce": float(traffic.writing_at_once(answers)),
    }


def _users(point_runs: PointRuns) -> int:
    return int(point_runs.point["users"])


def _median(point_runs: PointRuns, metric: str) -> float:
    values = point_runs.by_run(metric)
    return median(values) if values else 0.0
