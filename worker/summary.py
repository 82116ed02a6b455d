"""From the runs of a test to its metrics, as the API gives them."""

from collections.abc import Iterable, Sequence
from typing import Any

from common import statistics
from common.catalogue import TestType
from common.metrics import METRICS
from common.models import Run
from common.ollama import LoadedModel
from worker.telemetry import Usage
from worker.verdicts import Verdict, machine, memory, series

Json = dict[str, Any]

FIFTH = 5


def samples(runs: Iterable[Run], metric: str) -> list[float]:
    """The runs' values of a metric, without those of runs that do not tell."""
    return [run.figures[metric] for run in runs if run.figures.get(metric) is not None]


def judge(test_type: TestType, runs: Sequence[Run], quiet: Usage) -> list[Verdict]:
    """The verdicts on the test as a whole; `quiet` is what the machine did before its first run."""
    headline = samples(runs, test_type.headline)
    usages = [_usage(run) for run in runs]
    usage = Usage.joined(usages)
    fifth = max(1, len(usages) // FIFTH)
    found = (
        series.unsettled(statistics.relative_half_width(headline), len(runs)),
        series.drifting(statistics.drift(headline), METRICS[test_type.headline]),
        series.some_rejected(_rejected(runs), len(runs)),
        None if usage.readings else machine.no_readings(),
        memory.vram_disagrees(map(_loaded, runs), usage),
        machine.foreign_load_during(usage),
        machine.throttled(usage),
        machine.on_battery(usage),
        machine.cpu_slowed(Usage.joined(usages[:fifth]), Usage.joined(usages[-fifth:])),
        machine.swapping(Usage.joined([quiet, *usages])),
    )
    return [verdict for verdict in found if verdict]


def summarise(test_type: TestType, runs: Sequence[Run], found: Iterable[Verdict]) -> Json:
    """The test's metrics: medians by name, the whole distributions under `statistics`, and the verdicts: those `found`
    on the test, then the runs' own.
    """
    distributions = {
        name: statistics.summarise(values, metric.unit)
        for name, metric in METRICS.items()
        if (values := samples(runs, name))
    }
    usage, rejected = Usage.joined(map(_usage, runs)), _rejected(runs)
    return {
        **{name: distributions.get(name, {}).get("value") for name in ("inferenceTime", "tokensPerSecond")},
        **{name: distribution["value"] for name, distribution in distributions.items()},
        "ramUsage": usage.ram,
        "vramUsage": usage.vram,
        "cpuUsage": usage.cpu,
        "gpuUsage": usage.gpu,
        "headline": {"name": test_type.headline, "unit": METRICS[test_type.headline].unit},
        "runs": {"counted": len(runs), "rejected": rejected, "rejectionRate": rejected / (rejected + len(runs))},
        "readings": usage.readings,
        "statistics": distributions,
        "verdicts": [verdict.describe() for verdict in found] + _of_runs(runs),
    }


def _usage(run: Run) -> Usage:
    return Usage(**run.record["usage"])


def _loaded(run: Run) -> list[LoadedModel]:
    """What was in memory just before it."""
    return [LoadedModel(**model) for model in run.record["loaded"]]


def _rejected(runs: Iterable[Run]) -> int:
    return sum(len(run.record["rejected"]) for run in runs)


def _of_runs(runs: Sequence[Run]) -> list[Json]:
    """The runs' own verdicts, each name once, with the first one's evidence and the repetitions that it befell."""
    found: dict[str, Json] = {}
    for run in runs:
        for verdict in [*run.record["rejected"], *run.record["verdicts"]]:
            told = found.setdefault(verdict["name"], {**verdict, "repetitions": []})
            if run.repetition not in told["repetitions"]:
                told["repetitions"].append(run.repetition)
    return list(found.values())
