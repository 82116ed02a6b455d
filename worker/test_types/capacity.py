import time
from collections.abc import Sequence
from functools import partial
from math import ceil, inf

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.errors import OllamaError
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.stats.intervals.median_interval import CONFIDENCE
from common.stats.searching.level_search import LevelSearch, Probe
from common.store.tables import Run
from common.values.units import NS_PER_S, joined, three_digits
from worker.workload.point_runs import PointRuns
from worker.workload.run import RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.traffic import left_out_requests
from worker.workload.traffic.closed_loop import Users
from worker.workload.traffic.level_probes import MIXED_EVERY, Answers, LevelAnswers, Offered, at_rate, of_users
from worker.workload.wording import duration, share

LOAD, USERS, RATE = "load", "users", "requestsPerSecond"
RATIO = 1.05
"""Of a rate to the next smaller one that is tried."""
RATE_LEVELS, RATE_START = 201, 101
"""Levels of the rate. The one in the middle is that of one user who is answered without a pause."""
MAX_STEP = 8
"""A rate is at most 48 % above one that looked good, so that not many more requests wait than can be answered."""
NAMES = {USERS: "capacityUsers", RATE: "capacityRate"}
PERCENT = 100


class Capacity(Workload, implements="capacity"):
    """A search for the largest number of users, and the largest rate, at which most answers meet both objectives.

    A run is a whole search. Its answers are labelled with the number of users or the rate.
    """

    warm_ups = (1, 1)
    alternates = False
    options: Options | None = None
    alone_s = 1.0
    """Duration of an answer to a single user."""

    def points(self, context: RunContext) -> list[Point]:
        self.options = context.options
        return [{LOAD: USERS}, {LOAD: RATE}]

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        result = super().perform(context, seed)
        self.alone_s = result.request_results[0].generation.done_ns / NS_PER_S
        return result

    def perform(self, context: RunContext, seed: str) -> RunResult:
        answers, deadline = self._start(context), time.monotonic() + context.options["maxSeconds"]
        while (probe := answers.search.next()) and time.monotonic() < deadline:
            found = self._measure(context, answers, probe, f"{seed} {answers.requests}")
            context.log(answers.add(probe.level, found, context.options))
            if left_out_requests.too_many(len(answers.rejections), answers.requests):
                break
        verdicts = left_out_requests.verdicts(answers.rejections, answers.requests)
        own, main = self._found(context, answers)
        return RunResult(tuple(answers.results), own, verdicts, main=main)

    def _start(self, context: RunContext) -> LevelAnswers:
        good = context.options["goodPercent"] / PERCENT
        if context.options[LOAD] == USERS:
            return LevelAnswers(LevelSearch(good, context.options["maxUsers"]), lambda level: {USERS: level})
        search = LevelSearch(good, RATE_LEVELS, RATE_START, MAX_STEP)
        return LevelAnswers(search, lambda level: {RATE: self._rate(level)})

    def _rate(self, level: int) -> float:
        """Return the rate of a level, to four digits."""
        return float(f"{RATIO ** (level - RATE_START) / self.alone_s:.4g}")

    def _measure(self, context: RunContext, answers: LevelAnswers, probe: Probe, seed: str) -> Answers:
        label, new_prompt, asked = answers.label(probe.level), partial(self.prompt, context), expected(context.options)
        if USERS not in label:
            offered = Offered(self._rate(probe.level), new_prompt, asked, seed)
            return at_rate(context, offered, label)
        requests = ceil(probe.answers / probe.level)
        users = Users(probe.level, new_prompt, asked, seed, requests=requests, mixed_every=MIXED_EVERY)
        try:
            return of_users(context, users, label)
        except OllamaError as error:
            if probe.level == 1 or not error.retry_helps:
                raise
            return Answers((), failed=probe.level)

    def _found(self, context: RunContext, answers: LevelAnswers) -> tuple[Metrics, Point]:
        """Return the metrics of the search, and the label of the answers that represent it."""
        found, name = answers.search.found(), NAMES[str(context.options[LOAD])]
        above = None if found.high is None else found.high + (name == NAMES[RATE])  # rates lie between levels
        values = {name: found.level, f"{name}Low": found.low, f"{name}High": above}
        own: Metrics = {key: None if level is None else self._value(name, level) for key, level in values.items()}
        tried = [level for level in answers.search.evidence if level <= found.level]
        return own, answers.label(max(tried, default=min(answers.search.evidence)))

    def _value(self, name: str, level: int) -> float:
        return float(level) if name == NAMES[USERS] else self._rate(level) if level else 0.0

    def progress(self, options: Options, runs: Sequence[Run]) -> float:
        return float(self.enough(options, runs))

    def enough(self, options: Options, runs: Sequence[Run]) -> bool:
        return bool(runs)

    def confidence(self, options: Options) -> float:
        return CONFIDENCE

    def precision(self, options: Options) -> float:
        """Return no precision: the search itself says how precisely the capacity is known."""
        return inf

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        runs = [run for point_runs in measured_points for run in point_runs.runs]
        return {name: value for run in runs for name, value in run.metrics.items() if name.startswith("capacity")}

    def finding(self, metrics: TestMetrics) -> str:
        found = [_capacity(metrics, NAMES[USERS], "users"), _capacity(metrics, NAMES[RATE], "requests/s")]
        known = " and ".join(filter(None, found))
        return f"{known or 'The capacity is unknown'}{self._objectives()}."

    def _objectives(self) -> str:
        if self.options is None:
            return ""
        first, between = self.options["ttftObjective"], self.options["interTokenObjective"]
        limits = f"TTFT ≤ {duration(first)} and ≤ {duration(between)} between tokens"
        return f", with {share(self.options['goodPercent'])} of the answers at {limits}"


def _capacity(metrics: TestMetrics, name: str, unit: str) -> str:
    """Return a capacity with its range: `5 users (95 % sure: 4 to 6)`."""
    value, low, high = (metrics.get(f"{name}{end}") for end in ("", "Low", "High"))
    if value is None or low is None:
        return ""
    one = unit.removesuffix("s") if (value, unit) == (1, "users") else unit
    return f"{_number(value, unit)} {one} ({_range(value, low, high, unit)})"


def _range(value: float, low: float, high: float | None, unit: str) -> str:
    if high is None:
        return f"95 % sure: at least {_number(low, unit)}" if low else "not proven: the search was cut off"
    return "95 % sure" + ("" if low == value == high else f": {joined(_number(low, unit), _number(high, unit))}")


def _number(value: float, unit: str) -> str:
    return f"{value:.0f}" if unit == "users" else three_digits(value)
