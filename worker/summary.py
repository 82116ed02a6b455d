"""From the runs of a test to its metrics, as the API gives them."""

from collections.abc import Iterable, Sequence
from typing import Any

from common import statistics
from common.catalogue import TestType
from common.metrics import METRICS
from common.models import Run
from worker import verdicts
from worker.telemetry import Usage
from worker.verdicts import Verdict

Json = dict[str, Any]


def samples(runs: Iterable[Run], metric: str) -> list[float]:
    """The runs' values of a metric, without those of runs that do not tell."""
    return [run.figures[metric] for run in runs if run.figures.get(metric) is not None]


def summarise(test_type: TestType, runs: Sequence[Run], found: Iterable[Verdict | None]) -> Json:
    """The test's metrics: medians by name, the whole distributions under `statistics`, and the verdicts."""
    distributions = {
        name: statistics.summarise(values, metric.unit)
        for name, metric in METRICS.items()
        if (values := samples(runs, name))
    }
    usage = Usage.joined(run.record["usage"] for run in runs)
    rejected = sum(len(run.record["rejected"]) for run in runs)
    about_test = [
        *found,
        verdicts.unsettled(statistics.relative_half_width(samples(runs, test_type.headline)), len(runs)),
        verdicts.some_rejected(rejected, len(runs)),
        None if usage.readings else verdicts.no_readings(),
    ]
    return {
        **{name: distributions.get(name, {}).get("value") for name in ("inferenceTime", "tokensPerSecond")},
        **{name: distribution["value"] for name, distribution in distributions.items()},
        "ramUsage": usage.ram,
        "vramUsage": usage.vram,
        "cpuUsage": usage.cpu,
        "gpuUsage": usage.gpu,
        "headline": {"name": test_type.headline, "unit": METRICS[test_type.headline].unit},
        "runs": {"counted": len(runs), "rejected": rejected},
        "readings": usage.readings,
        "statistics": distributions,
        "verdicts": [verdict.describe() for verdict in about_test if verdict] + _of_runs(runs),
    }


def _of_runs(runs: Sequence[Run]) -> list[Json]:
    """The runs' own verdicts, each name once, with the first one's evidence and the repetitions that it befell."""
    found: dict[str, Json] = {}
    for run in runs:
        for verdict in run.record["verdicts"]:
            found.setdefault(verdict["name"], {**verdict, "repetitions": []})["repetitions"].append(run.repetition)
    return list(found.values())
