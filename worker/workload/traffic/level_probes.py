"""Answers at the levels of a search for the capacity: of numbers of users, or of rates of requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.catalogue.verdicts.on_runs import REQUEST_FAILED
from worker.ollama.request_metrics import MIN_TOKENS
from worker.verdicts import Verdict
from worker.verdicts.expected import Expected
from worker.workload.objectives import SECOND_MS, is_good
from worker.workload.run import RequestResult
from worker.workload.run_context import RunContext
from worker.workload.traffic import left_out_requests
from worker.workload.traffic.closed_loop import Users, closed_loop
from worker.workload.traffic.open_loop import arrivals_ns, open_loop

SHORTEST = 0.75
"""Of the answers' random lengths, as a share of the longest. So the waits in a window are nearly independent."""
MIN_OBJECTIVES = 40
"""How many times the objective of the first token a rate is offered at least.

If it is 5 % above what the server can serve, half of the waits are then longer than the objective. All runs at a rate
take equally long, because a queue grows with the time.
"""
MIN_ARRIVALS = 60
"""Requests that are sent at a rate, at least."""


def lengths(output_tokens: int) -> tuple[int, int]:
    """Return the numbers of tokens between which answers are randomly long. Each has enough tokens for a rate."""
    shortest = max(MIN_TOKENS, ceil(SHORTEST * output_tokens))
    return shortest, max(output_tokens, ceil(shortest / SHORTEST))


@dataclass(frozen=True)
class Answers:
    """Answers at a level: those that count, the number of failed requests, and the verdicts on those that do not."""

    results: Sequence[RequestResult]
    failed: int = 0
    rejections: Sequence[Verdict] = ()

    def counts(self, options: Options) -> tuple[int, int]:
        """Return the good answers, and all requests that count."""
        good = sum(is_good(result.metrics(""), options) for result in self.results)
        return good, len(self.results) + self.failed

    def summary(self, options: Options) -> str:
        good, answers = self.counts(options)
        return f"{good} of {answers} answers met both objectives"

    def verdicts(self) -> tuple[Verdict, ...]:
        return left_out_requests.verdicts(self.rejections, len(self.results) + self.failed + len(self.rejections))


def of_users(context: RunContext, users: Users, label: Point) -> Answers:
    """Return the answers to users in a closed loop.

    Raises:
        OllamaError: if too many requests failed.
    """
    loop, any_length = closed_loop(context, users), replace(users.expected, output_tokens=None)
    counted = [RequestResult(answer, any_length, label) for answer in loop.counted()]
    failed = [verdict for verdict in loop.left_out if verdict.name == REQUEST_FAILED.name]
    return Answers(counted, len(failed), [verdict for verdict in loop.left_out if verdict not in failed])


@dataclass(frozen=True)
class Offered:
    """An open loop of `rate` requests per second. The other fields are those of Users."""

    rate: float
    new_prompt: Callable[[str], str]
    expected: Expected
    seed: str


def requests_at(rate: float, options: Options) -> int:
    """Return the number of requests that are sent at a rate."""
    least_s: float = MIN_OBJECTIVES * options["ttftObjective"] / SECOND_MS
    return max(MIN_ARRIVALS, ceil(rate * least_s))


def at_rate(context: RunContext, offered: Offered, label: Point) -> Answers:
    """Return the answers to requests at a rate, whose waits count from their intended time."""
    expected, number = offered.expected, requests_at(offered.rate, context.options)
    prompts = [offered.new_prompt(f"{offered.seed} {position}") for position in range(number)]
    arrivals = open_loop(context, arrivals_ns(offered.seed, offered.rate, number), prompts)
    answered = [
        RequestResult(arrival.answer, expected, label, arrival.answer.sent_ns - arrival.intended_ns)
        for arrival in arrivals
        if arrival.answer
    ]
    evaluated = [(result, left_out_requests.rejection(result.generation, expected)) for result in answered]
    rejections = [verdict for _, verdict in evaluated if verdict]
    counted = [result for result, bad in evaluated if not bad]
    return Answers(counted, len(arrivals) - len(answered), rejections)
