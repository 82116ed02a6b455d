"""Answers at the levels of a search for the capacity: of numbers of users, or of rates of requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.catalogue.verdicts.on_runs import REQUEST_FAILED
from common.stats.searching.level_search import LevelSearch
from worker.verdicts import Verdict
from worker.verdicts.expected import Expected
from worker.workload.objectives import SECOND_MS, is_good
from worker.workload.run import RequestResult
from worker.workload.run_context import RunContext
from worker.workload.traffic import left_out_requests
from worker.workload.traffic.closed_loop import Users, closed_loop
from worker.workload.traffic.open_loop import arrivals_ns, open_loop

MIXED_EVERY = 4
"""Every such request of a user has a random length, so that the answers in a window are nearly independent."""
MIN_OBJECTIVES = 40
"""How many times the objective of the first token a rate is offered at least.

If it is 5 % above what the server can serve, half of the waits are then longer than the objective. All runs at a rate
take equally long, because a queue grows with the time.
"""
MIN_ARRIVALS = 60
"""Requests that are sent at a rate, at least."""
MAX_INDEPENDENT = 40
"""Answers at a rate that count as independent, at most. One queue makes many of them late."""


@dataclass(frozen=True)
class Answers:
    """Answers at a level: those that count, the number of failed requests, and the verdicts on those that do not.

    At most `independent` answers count as evidence; None is all of them.
    """

    results: Sequence[RequestResult]
    failed: int = 0
    rejections: Sequence[Verdict] = ()
    independent: int | None = None

    def weight(self) -> float:
        """Return the share of the evidence that counts."""
        answers = len(self.results) + self.failed
        return 1.0 if self.independent is None else min(1.0, self.independent / max(1, answers))


@dataclass
class LevelAnswers:
    """A search with the answers at all its levels. `label` returns the label of a level."""

    search: LevelSearch
    label: Callable[[int], Point]
    results: list[RequestResult] = field(default_factory=list)
    rejections: list[Verdict] = field(default_factory=list)
    failed: int = 0

    @property
    def requests(self) -> int:
        return len(self.results) + len(self.rejections) + self.failed

    def add(self, level: int, found: Answers, options: Options) -> str:
        """Add the answers at a level, and return a line for the log."""
        good = sum(is_good(result.metrics(""), options) for result in found.results)
        answers = len(found.results) + found.failed
        self.search.add(level, good * found.weight(), answers * found.weight())
        self.results += found.results
        self.rejections += found.rejections
        self.failed += found.failed
        [(name, value)] = self.label(level).items()
        return f"{name} {value}: {good} of {answers} answers met both objectives"


def of_users(context: RunContext, users: Users, label: Point) -> Answers:
    """Return the answers to users in a closed loop.

    Raises:
        OllamaError: if too many requests failed.
    """
    loop = closed_loop(context, users)
    counted = [RequestResult(answer, users.expected, label) for answer in loop.counted()]
    failed = [verdict for verdict in loop.left_out if verdict.name == REQUEST_FAILED.name]
    return Answers(counted, len(failed), [verdict for verdict in loop.left_out if verdict not in failed])


@dataclass(frozen=True)
class Offered:
    """An open loop of `rate` requests per second. The other fields are those of Users."""

    rate: float
    new_prompt: Callable[[str], str]
    expected: Expected
    seed: str


def at_rate(context: RunContext, offered: Offered, label: Point) -> Answers:
    """Return the answers to requests at a rate, whose waits count from their intended time."""
    expected, least_s = offered.expected, MIN_OBJECTIVES * context.options["ttftObjective"] / SECOND_MS
    number = max(MIN_ARRIVALS, ceil(offered.rate * least_s))
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
    return Answers(counted, len(arrivals) - len(answered), rejections, MAX_INDEPENDENT)
