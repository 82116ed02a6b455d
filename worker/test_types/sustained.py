from collections.abc import Sequence
from statistics import median

from common.catalogue.options import Options
from common.catalogue.readings import Measure
from common.records.machine import Observation
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.store.tables import Run
from worker.machine.aggregates import weighted_mean
from worker.machine.request_phases import DECODE
from worker.workload.point_runs import PointRuns
from worker.workload.test_type import LIST_PROMPT, Workload
from worker.workload.wording import rate, share

SECOND_MS = 1000
FIFTH = 5
MEASURES: tuple[Measure, ...] = ("smClock", "gpuTemperature", "cpuFrequency", "cpuTemperature")


class Sustained(Workload, implements="sustained"):
    """Decode without a pause for minutes: what heat and power limits leave of the rate."""

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
            only = rate(metrics.get("decodeTokensPerSecond"))
            return f"The model writes {only}. More runs are needed to see if that lasts."
        change = f"{rate(first)} in the first fifth of the runs, {rate(last)} in the last"
        return f"The model keeps {share(metrics.get('rateRetained'))} of its rate: {change}."


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
    """Return clocks and temperatures during decode, in the first and the last fifth of the runs."""
    fifth = len(runs) // FIFTH
    return {
        f"{when}{measure[0].upper()}{measure[1:]}": weighted_mean(_writing(some), measure)
        for when, some in (("firstFifth", runs[:fifth]), ("lastFifth", runs[len(runs) - fifth :]))
        for measure in MEASURES
    }


def _writing(runs: Sequence[Run]) -> list[Observation]:
    seen = [run.record.get("observed", {}) for run in runs]
    return [observed[DECODE] for observed in seen if DECODE in observed]


def _lasted_ms(runs: Sequence[Run]) -> int:
    """Return the time from the first run's start to the last one's end, by Redis's clock.

    It is at least the sum of the runs, so a clock that is set back cannot prolong the test without end.
    """
    if not runs:
        return 0
    windows = [run.record["window"] for run in runs]
    return int(max(windows[-1][1] - windows[0][0], sum(end - start for start, end in windows)))
