import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import ceil, inf, log

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.errors import OllamaError
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distributions
from common.stats.intervals.median_interval import CONFIDENCE
from common.stats.searching.level_search import LevelSearch, Probe
from common.store.tables import Run
from common.values.units import NS_PER_S, joined, three_digits
from worker.workload.point_runs import PointRuns
from worker.workload.run import RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.traffic import level_runs
from worker.workload.traffic.closed_loop import Users
from worker.workload.traffic.level_probes import Answers, Offered, at_rate, lengths, of_users
from worker.workload.wording import duration, share

LOAD, USERS, RATE = "load", "users", "requestsPerSecond"
RATIO = 1.05
"""Of a rate to the next smaller one that is tried."""
RATE_LEVELS, RATE_START = 201, 101
"""Levels of the rate. The one in the middle is that of one user who is answered without a pause."""
MAX_STEP = 8
"""A rate is at most 48 % above one that looked good, so that not many more requests wait than can be answered."""
MAX_BAD = 60
"""Answers after which a rate that looks bad counts as undecided: five runs. A rate a little above it is proven soon."""
NAMES = {USERS: "capacityUsers", RATE: "capacityRate"}
PERCENT = 100


class Capacity(Workload, implements="capacity"):
    """A search for the largest number of users, and the largest rate, at which most answers meet both objectives.

    A run measures one level of a search. Its answers are labelled with the number of users or the rate. Which level is
    next follows from the runs so far, so another worker continues a search. Its last run has the result.
    """

    warm_ups = (1, 1)
    separate = True  # each search ends by itself
    logs_runs = True
    options: Options | None = None
    first_rate = 1.0
    """The rate of a single user who is answered without a pause."""

    def points(self, context: RunContext) -> list[Point]:
        self.options = context.options
        return [{LOAD: USERS}, {LOAD: RATE}]

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        result = super().perform(context, seed)
        self.first_rate = _four_digits(NS_PER_S / result.request_results[0].generation.done_ns)
        return result

    def perform(self, context: RunContext, seed: str) -> RunResult:
        runs, load = [run for run in context.runs if run.conditions[LOAD] == context.options[LOAD]], context.options
        search, start = self._search(load, runs), time.monotonic()
        probe, found = search.next(), Answers(())
        if probe:
            found = self._measure(context, probe, seed)
            search.add(probe.level, *level_runs.evidence(load, *found.counts(load)))
            context.log(f"{_shown(self._label(load, probe.level))}: {found.summary(load)}")
        result = RunResult(tuple(found.results), {"failedRequests": float(found.failed)}, found.verdicts())
        spent_s = level_runs.seconds(runs) + time.monotonic() - start
        if search.next() and spent_s < load["maxSeconds"]:
            return replace(result, main={LOAD: load[LOAD]})  # the search alone has a result, so no answer represents it
        return self._ended(load, search, result, runs)

    def _search(self, options: Options, runs: Sequence[Run]) -> LevelSearch:
        """Return the search after these runs. The first of them shows the rate with which an earlier worker began."""
        good = options["goodPercent"] / PERCENT
        search = LevelSearch(good, options["maxUsers"]) if options[LOAD] == USERS else rate_search(good)
        if options[LOAD] == RATE and runs and runs[0].record["requests"]:
            self.first_rate = float(runs[0].record["requests"][0]["labels"][RATE])
        level_runs.repeat(search, runs, options, self._level)
        return search

    def _label(self, options: Options, level: int) -> Point:
        return {USERS: level} if options[LOAD] == USERS else {RATE: self._rate(level)}

    def _level(self, label: Point) -> int:
        return int(label[USERS]) if USERS in label else level_of(float(label[RATE]), self.first_rate)

    def _rate(self, level: int) -> float:
        return _four_digits(rate_at(level, self.first_rate))

    def _measure(self, context: RunContext, probe: Probe, seed: str) -> Answers:
        label, new_prompt = self._label(context.options, probe.level), partial(self.prompt, context)
        asked = expected(context.options)
        if USERS not in label:
            offered = Offered(self._rate(probe.level), new_prompt, asked, seed)
            return at_rate(context, offered, label)
        requests = ceil(probe.answers / probe.level)
        between = lengths(context.options["outputTokens"])
        users = Users(probe.level, new_prompt, asked, seed, requests=requests, lengths=between)
        try:
            return of_users(context, users, label)
        except OllamaError as error:
            if probe.level == 1 or not error.retry_helps:
                raise
            return Answers((), failed=probe.level)

    def _ended(self, options: Options, search: LevelSearch, last: RunResult, runs: Sequence[Run]) -> RunResult:
        """Return the last run with the result of the search, represented by the answers at the capacity."""
        found, name = search.found(), NAMES[str(options[LOAD])]
        above = None if found.high is None else found.high + (name == NAMES[RATE])  # rates lie between levels
        values = {name: found.level, f"{name}Low": found.low, f"{name}High": above}
        own: Metrics = {key: None if level is None else self._value(name, level) for key, level in values.items()}
        tried = [level for level in search.evidence if level <= found.level]
        label = self._label(options, max(tried, default=min(search.evidence, default=search.start)))
        medians = level_runs.medians([*level_runs.at(label, runs), *level_runs.of_result(label, last, self.rate)])
        return replace(last, own={**medians, **last.own, **own}, main=label)

    def _value(self, name: str, level: int) -> float:
        return float(level) if name == NAMES[USERS] else self._rate(level)

    def progress(self, options: Options, runs: Sequence[Run]) -> float:
        """Return the share of the time that is spent, because nobody knows how many runs are left."""
        return 1.0 if self.enough(options, runs) else min(1.0, level_runs.seconds(runs) / options["maxSeconds"])

    def enough(self, options: Options, runs: Sequence[Run]) -> bool:
        return bool(runs) and any(name in runs[-1].metrics for name in NAMES.values())

    def confidence(self, options: Options) -> float:
        return CONFIDENCE

    def precision(self, options: Options) -> float:
        """Return no precision: the search itself says how precisely the capacity is known."""
        return inf

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        """Return the search over users, with the runs at the capacity."""
        users = measured_points[0]
        label = users.runs[-1].record.get("main") if users.runs else None
        return replace(users, runs=level_runs.representing(label, users.runs)) if label else users

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        runs = [run for point_runs in measured_points for run in point_runs.runs]
        return {name: value for run in runs for name, value in run.metrics.items() if name.startswith("capacity")}

    def overall_statistics(self, measured_points: Sequence[PointRuns]) -> Distributions:
        """Return the distributions of the result of the search over users, which its last run has."""
        last = replace(measured_points[0], runs=measured_points[0].runs[-1:])
        return {name: found for name, found in last.distributions().items() if name.startswith("capacity")}

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


def _four_digits(value: float) -> float:
    return float(f"{value:.4g}")


def rate_search(good: float) -> LevelSearch:
    """Return a search for the largest level of the rate at which a share of the answers is good."""
    return LevelSearch(good, RATE_LEVELS, RATE_START, MAX_STEP, MAX_BAD)


def rate_at(level: int, first_rate: float) -> float:
    """Return the rate of a level, in requests per second. At level 0 nothing is asked."""
    return RATIO ** (level - RATE_START) * first_rate if level else 0.0


def level_of(rate: float, first_rate: float) -> int:
    """Return the level whose rate this is, rounded or not."""
    return RATE_START + round(log(rate / first_rate, RATIO))


def _shown(label: Point) -> str:
    return " ".join(f"{name} {value}" for name, value in label.items())


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
    if value and not low:
        return f"95 % sure: at most {_number(high, unit)}"
    return "95 % sure" + ("" if low == value == high else f": {joined(_number(low, unit), _number(high, unit))}")


def _number(value: float, unit: str) -> str:
    return f"{value:.0f}" if unit == "users" else three_digits(value)
