from collections.abc import Sequence
from statistics import median

from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from worker.ollama.responses import Generation
from worker.workload import traffic
from worker.workload.point_runs import PointRuns
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.wording import at, duration, rate

KNEE = 0.95
"""Of the most throughput: what the knee reaches, and what no further user adds much to."""


class Concurrency(Workload, implements="concurrency"):
    """Users in a closed loop, each asking again when answered, at growing numbers. The knee stands for the test: the
    fewest users at whom the server's throughput is within 5 % of its most.
    """

    rate = "aggregateTokensPerSecond"
    warm_ups = (1, 1)

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        return self._load(context, seed, requests=1)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        return self._load(context, seed, context.options["requestsPerUser"])

    def _load(self, context: RunContext, seed: str, requests: int) -> RunResult:
        users = range(context.options["users"])
        prompts = [[self.template.prompt(f"{seed} {user} {number}") for number in range(requests)] for user in users]
        answers = traffic.closed_loop(context, prompts)
        return RunResult(
            tuple(RequestResult(answer, expected(context.options)) for answer in answers), throughput(answers)
        )

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        known = [(point_runs, _median(point_runs, self.rate)) for point_runs in sorted(measured_points, key=_users)]
        most = max((value for _, value in known), default=0.0)
        return next(point_runs for point_runs, value in known if value >= KNEE * most)

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        slots = max(_median(point_runs, "writingAtOnce") for point_runs in measured_points)
        return {"kneeUsers": float(_users(self.main(measured_points))), "parallelSlots": slots or None}

    def finding(self, metrics: TestMetrics) -> str:
        knee, each = metrics.get("kneeUsers"), rate(metrics.get("decodeTokensPerSecond"))
        if knee is None:
            return "How many users it serves is unknown."
        waits = [(int(point["users"]), wait) for point, wait in at(metrics.points, "timeToFirstToken")]
        beyond = min(((users, wait) for users, wait in waits if users > knee), default=None)
        served = f"Serves {knee:.0f} user{'s' * (knee > 1)} at {each} each, {rate(metrics.get(self.rate))} together"
        if beyond is None:
            return f"{served}; more were not tried."
        slots = f"{metrics.get('parallelSlots') or 0:.0f} answers are written at once"
        return (
            f"{served}; {slots}, and of {beyond[0]} users half wait over {duration(beyond[1])} for their first token."
        )


def throughput(answers: Sequence[Generation]) -> Metrics:
    """What a load got out of the server as a whole, from the first request sent to the last content."""
    seconds = traffic.span_s(answers)
    return {
        "aggregateTokensPerSecond": sum(answer.server.output_tokens for answer in answers) / seconds,
        "requestsPerSecond": len(answers) / seconds,
        "writingAtOnce": float(traffic.writing_at_once(answers)),
    }


def _users(point_runs: PointRuns) -> int:
    return int(point_runs.point["users"])


def _median(point_runs: PointRuns, metric: str) -> float:
    values = point_runs.by_run(metric)
    return median(values) if values else 0.0
