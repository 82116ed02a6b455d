from collections.abc import Sequence
from statistics import median

from common.catalogue.options import Options
from common.free_json import Json
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.store.tables import Run
from worker.machine.aggregates import mean_of
from worker.machine.request_phases import DECODE
from worker.workload.point_runs import PointRuns
from worker.workload.test_type import LIST_PROMPT, Workload
from worker.workload.wording import rate, share

SECOND_MS = 1000
FIFTH = 5
MEASURES = ("smClock", "gpuTemperature", "cpuFrequency", "cpuTemperature")


class Sustained(Workload, implements="sustained"):
    """Decode without a pause for minutes: what heat, power limits and whatever else builds up leave of the rate."""

    ending = LIST_PROMPT

    def progress(self, options: Options, runs: Sequence[Run]) -> float:
        return min(1.0, _lasted_ms(runs) / (SECOND_MS * int(options["durationSeconds"])))

    def enough(self, options: Options, runs: Sequence[Run]) -> bool:
        return _lasted_ms(runs) >= SECOND_MS * int(options["durationSeconds"])

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        return {**_rates(measured_points[0].by_run(self.test_type.headline)), **_readings(measured_points[0].runs)}

    def finding(self, metrics: TestMetrics) -> str:
        first, last = metrics.get("firstFifthTokensPerSecond"), metrics.get("lastFifthTokensPerSecond")
        if first is None:
            return f"Writes at {rate(metrics.get('decodeTokensPerSecond'))}; too few runs to tell whether that lasts."
        return (
            f"Keeps {share(metrics.get('rateRetained'))} of its rate: {rate(first)} in the first fifth of the runs, "
            f"{rate(last)} in the last."
        )


def _rates(rates: Sequence[float]) -> Metrics:
    if len(rates) < FIFTH:
        return {"firstFifthTokensPerSecond": None, "lastFifthTokensPerSecond": None, "rateRetained": None}
    fifth = len(rates) // FIFTH
    first, last = median(rates[:fifth]), median(rates[-fifth:])
    return {
        "firstFifthTokensPerSecond": first,
        "lastFifthTokensPerSecond": last,
        "rateRetained": 100 * last / first,
    }


def _readings(runs: Sequence[Run]) -> Metrics:
    """How fast and warm the machine was while it wrote, in the first and the last fifth of the runs."""
    fifth = len(runs) // FIFTH
    return {
        f"{when}{measure[0].upper()}{measure[1:]}": mean_of(_writing(some), measure)
        for when, some in (("firstFifth", runs[:fifth]), ("lastFifth", runs[len(runs) - fifth :]))
        for measure in MEASURES
    }


def _writing(runs: Sequence[Run]) -> list[Json]:
    seen = [run.record.get("observed", {}) for run in runs]
    return [observed[DECODE] for observed in seen if DECODE in observed]


def _lasted_ms(runs: Sequence[Run]) -> int:
    """From the beginning of the first run to the end of the last, by Redis's clock."""
    return int(runs[-1].record["window"][1] - runs[0].record["window"][0]) if runs else 0
