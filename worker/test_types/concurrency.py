from collections.abc import Sequence
from statistics import median
from typing import Any

from common.catalogue.test_types import Option, TestType
from worker.ollama.request_metrics import Figures
from worker.ollama.responses import Generation
from worker.workload import traffic
from worker.workload.point_runs import Part
from worker.workload.run import Exchange, Trial
from worker.workload.run_context import Bench
from worker.workload.test_type import Workload, context_length, expected, output_tokens, prompt_tokens, repetitions
from worker.workload.wording import at, duration, rate

Json = dict[str, Any]

KNEE = 0.95
"""Of the most throughput: what the knee reaches, and what no further user adds much to."""


class Concurrency(Workload):
    """Users in a closed loop, each asking again when answered, at growing numbers. The knee stands for the test: the
    fewest users at whom the server's throughput is within 5 % of its most.
    """

    test_type = TestType(
        name="concurrency",
        question="How many users does the server serve at once, and how fast each?",
        headline="aggregateTokensPerSecond",
        options=(
            Option("users", "users", (1, 2, 4, 8, 16), 1, 256, "requests that are in flight at once", many=True),
            Option("requestsPerUser", "requests", 2, 1, 100, "requests of each user in a run, one after the other"),
            prompt_tokens(128),
            output_tokens(64),
            context_length(),
            *repetitions(3, 5),
        ),
    )
    rate = "aggregateTokensPerSecond"
    warm_ups = (1, 1)

    def warm_up(self, bench: Bench, seed: str) -> Trial:
        return self._load(bench, seed, requests=1)

    def perform(self, bench: Bench, seed: str) -> Trial:
        return self._load(bench, seed, bench.options["requestsPerUser"])

    def _load(self, bench: Bench, seed: str, requests: int) -> Trial:
        users = range(bench.options["users"])
        prompts = [[self.shape.prompt(f"{seed} {user} {number}") for number in range(requests)] for user in users]
        answers = traffic.closed_loop(bench, prompts)
        return Trial(tuple(Exchange(answer, expected(bench.options)) for answer in answers), throughput(answers))

    def main(self, parts: Sequence[Part]) -> Part:
        known = [(part, _median(part, self.rate)) for part in sorted(parts, key=_users)]
        most = max((value for _, value in known), default=0.0)
        return next(part for part, value in known if value >= KNEE * most)

    def overall(self, parts: Sequence[Part]) -> Figures:
        slots = max(_median(part, "writingAtOnce") for part in parts)
        return {"kneeUsers": float(_users(self.main(parts))), "parallelSlots": slots or None}

    def finding(self, metrics: Json) -> str:
        knee, each = metrics.get("kneeUsers"), rate(metrics.get("decodeTokensPerSecond"))
        if knee is None:
            return "How many users it serves is unknown."
        waits = [(point["users"], wait) for point, wait in at(metrics["points"], "timeToFirstToken")]
        beyond = min(((users, wait) for users, wait in waits if users > knee), default=None)
        served = f"Serves {knee:.0f} user{'s' * (knee > 1)} at {each} each, {rate(metrics.get(self.rate))} together"
        if beyond is None:
            return f"{served}; more were not tried."
        slots = f"{metrics.get('parallelSlots') or 0:.0f} answers are written at once"
        return (
            f"{served}; {slots}, and of {beyond[0]} users half wait over {duration(beyond[1])} for their first token."
        )


def throughput(answers: Sequence[Generation]) -> Figures:
    """What a load got out of the server as a whole, from the first request sent to the last content."""
    seconds = traffic.span_s(answers)
    return {
        "aggregateTokensPerSecond": sum(answer.server.output_tokens for answer in answers) / seconds,
        "requestsPerSecond": len(answers) / seconds,
        "writingAtOnce": float(traffic.writing_at_once(answers)),
    }


def _users(part: Part) -> int:
    return int(part.point["users"])


def _median(part: Part, metric: str) -> float:
    values = part.by_run(metric)
    return median(values) if values else 0.0
