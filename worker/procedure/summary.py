"""Summary of a test: verdicts and metrics from its runs, as the API returns them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import isfinite

from common.catalogue.metrics import METRICS
from common.ollama.models import LoadedModel
from common.records.machine import Observation
from common.records.runs import Metrics
from common.records.test_metrics import Headline, PointMetrics, RunCounts, TestMetrics
from common.records.usage import Usage
from common.records.verdicts import VerdictRecord
from common.stats import trend
from common.stats.distribution import Distributions
from common.store.tables import Run
from worker.machine import aggregates
from worker.machine.idle_baseline import Baseline
from worker.machine.request_phases import PHASES
from worker.ollama.timing.socket import CLIENT, KERNEL
from worker.verdicts import Verdict, machine, memory, series
from worker.workload.point_runs import PointRuns
from worker.workload.test_type import Workload

FIFTH = 5
"""The frequency of the first fifth of a point's runs is compared with that of the last fifth."""
ALWAYS = ("inferenceTime", "tokensPerSecond", "energyPerToken", "energyPerTokenAboveIdle")
"""Metrics that are None if unknown. Other metrics are left out."""


def evaluate(workload: Workload, measured_points: Sequence[PointRuns], idle: Usage) -> list[Verdict]:
    """Return the verdicts on the test as a whole. `idle` is the usage of the idle machine."""
    runs = _all(measured_points)
    usages = [_usage(run) for run in runs]
    usage = Usage.combine(usages)
    found = (
        *(verdict for point_runs in measured_points for verdict in _evaluate_series(workload, point_runs)),
        *workload.evaluate(measured_points),
        series.some_rejected(_rejected(runs), len(runs)),
        None if usage.readings else machine.no_readings(),
        memory.vram_disagrees(map(_loaded, runs), usage),
        machine.foreign_load_during(usage),
        machine.throttled(usage),
        machine.on_battery(usage),
        machine.swapping(Usage.combine([idle, *usages])),
    )
    return [verdict for verdict in found if verdict]


def _evaluate_series(workload: Workload, point_runs: PointRuns) -> Iterable[Verdict | None]:
    name = workload.test_type.headline
    settled = None
    if isfinite(point_runs.precision):
        settled = series.unsettled(point_runs.half_width(name), len(point_runs.runs), point_runs.precision)
    drifting = series.drifting(trend.drift(point_runs.by_run(name)), METRICS[name])
    for verdict in (settled, drifting, _slowed(point_runs.runs)):
        yield verdict and verdict.at(point_runs.point)


def _slowed(runs: Sequence[Run]) -> Verdict | None:
    usages, fifth = [_usage(run) for run in runs], max(1, len(runs) // FIFTH)
    return machine.cpu_slowed(Usage.combine(usages[:fifth]), Usage.combine(usages[-fifth:]))


def summarise(
    workload: Workload, measured_points: Sequence[PointRuns], found: Iterable[Verdict], idle: Baseline | None = None
) -> TestMetrics:
    """Return the metrics of a test, with the verdicts `found` on it before those of its runs."""
    runs = _all(measured_points)
    known = {point_runs.number: point_runs.distributions() for point_runs in measured_points}
    main = workload.main(measured_points)
    of_main = known[main.number] if main in measured_points else main.distributions()
    statistics = {**of_main, **workload.overall_statistics(measured_points)}
    usage = Usage.combine(map(_usage, runs))
    metrics = TestMetrics(
        values=_values(workload, measured_points, statistics, usage),
        headline=_headline(workload, main),
        statistics=statistics,
        points=_points(measured_points, known),
        verdicts=[*(verdict.record() for verdict in found), *_run_verdicts(measured_points)],
        runs=_counts(runs),
        phases=_phases(runs, idle),
        peaks=aggregates.combine_peaks(run.record.get("peaks", {}) for run in runs),
        readings=usage.readings,
        clock=_clock(runs),
        software=runs[-1].record.get("software") if runs else None,
    )
    return replace(metrics, finding=workload.conclusion(metrics))


def _values(
    workload: Workload, measured_points: Sequence[PointRuns], distributions: Distributions, usage: Usage
) -> Metrics:
    return {
        **dict.fromkeys(ALWAYS),
        **{name: distribution["value"] for name, distribution in distributions.items()},
        **workload.overall(measured_points),
        "ramUsage": usage.ram,
        "vramUsage": usage.vram,
        "cpuUsage": usage.cpu,
        "gpuUsage": usage.gpu,
    }


def _counts(runs: Sequence[Run]) -> RunCounts:
    rejected = _rejected(runs)
    return {"counted": len(runs), "rejected": rejected, "rejectionRate": rejected / (rejected + len(runs))}


def _phases(runs: Sequence[Run], idle: Baseline | None) -> dict[str, Observation | None]:
    """Return the aggregates of each phase over all runs, None for a phase that did not occur."""
    observed = [run.record.get("observed", {}) for run in runs]
    known = {name: aggregates.combine(run[name] for run in observed if name in run) for name in PHASES}
    return {"idle": idle.observed if idle else None, **known}


def _headline(workload: Workload, main: PointRuns) -> Headline:
    name = workload.test_type.headline
    return {"name": name, "unit": METRICS[name].unit, "point": main.point}


def _points(measured_points: Sequence[PointRuns], known: dict[int, Distributions]) -> list[PointMetrics]:
    """Return each point with its number of runs and their distributions, or nothing if the test has one point."""
    labelled = [each for point_runs in measured_points for each in point_runs.labelled()]
    points = labelled or [(each.point, len(each.runs), known[each.number]) for each in measured_points]
    described: list[PointMetrics] = [
        {"point": point, "runs": runs, "statistics": found} for point, runs, found in points
    ]
    return described if len(described) > 1 else []


def _all(measured_points: Sequence[PointRuns]) -> list[Run]:
    """Return the runs of all points in the order in which they were measured."""
    runs = [run for point_runs in measured_points for run in point_runs.runs]
    return sorted(runs, key=lambda run: run.record["window"])


def _clock(runs: Iterable[Run]) -> str:
    """Return the clock of the time stamps: the client's if any answer was stamped by it."""
    clocks = {request["clock"] for run in runs for request in run.record["requests"]}
    return KERNEL if clocks == {KERNEL} else CLIENT


def _usage(run: Run) -> Usage:
    return Usage(**run.record["usage"])


def _loaded(run: Run) -> list[LoadedModel]:
    """Return the models in memory just before a run."""
    return [LoadedModel(**model) for model in run.record["loaded"]]


def _rejected(runs: Iterable[Run]) -> int:
    return sum(len(run.record["rejected"]) for run in runs)


def _run_verdicts(measured_points: Iterable[PointRuns]) -> Iterator[VerdictRecord]:
    """Yield the verdicts on runs, each name once a point, with the evidence of the first and all repetitions."""
    for point_runs in measured_points:
        found: dict[str, tuple[VerdictRecord, list[int]]] = {}
        for run in point_runs.runs:
            for verdict in [*run.record["rejected"], *run.record["verdicts"]]:
                _, repetitions = found.setdefault(verdict["name"], (verdict, []))
                if run.repetition not in repetitions:
                    repetitions.append(run.repetition)
        for verdict, repetitions in found.values():
            yield {**verdict, "point": point_runs.point, "repetitions": repetitions}
