from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from common.catalogue.metrics import METRICS
from common.catalogue.options import Options
from common.catalogue.readings import Measure
from common.catalogue.verdicts.on_runs import REQUEST_FAILED
from common.records.machine import Observation
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.stats import summary
from common.stats.distribution import Distributions
from common.stats.intervals.median_interval import CONFIDENCE
from common.store.tables import Run
from worker.machine.aggregates import weighted_mean
from worker.machine.request_phases import DECODE
from worker.verdicts import Verdict, series
from worker.workload.point_runs import PointRuns
from worker.workload.test_type import Workload
from worker.workload.wording import rate, share

SECOND_MS = 1000
US_PER_MS = 1000
FIFTH = 5
MAX_PAUSE_MS = 10_000
"""A longer pause cools the machine. Between two runs there is less than a second."""
MAX_ROUNDS = 3
"""Multiple of the duration after which the test ends even if it is interrupted again and again."""
MEASURES: tuple[Measure, ...] = ("smClock", "gpuTemperature", "cpuFrequency", "cpuTemperature")


class Sustained(Workload, implements="sustained"):
    """Decode without a pause for minutes: what heat and power limits leave of the rate.

    After a pause the machine is cool again, so the duration starts again. Only the time of the requests counts.
    """

    def progress(self, options: Options, runs: Sequence[Run]) -> float:
        return min(1.0, _driven_ms(_since_pause(runs)) / _duration_ms(options))

    def enough(self, options: Options, runs: Sequence[Run]) -> bool:
        duration = _duration_ms(options)
        return _driven_ms(_since_pause(runs)) >= duration or _driven_ms(runs) >= MAX_ROUNDS * duration

    def confidence(self, options: Options) -> float:
        """Return the plain confidence: the runs end by the clock, whatever they show."""
        return CONFIDENCE

    def evaluate(self, measured_points: Sequence[PointRuns]) -> list[Verdict]:
        runs = measured_points[0].runs
        pauses = [pause for pause in map(_pause_ms, runs, runs[1:]) if pause]
        return [series.interrupted(pauses, _driven_ms(_since_pause(runs)))] if pauses else []

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        last = replace(measured_points[0], runs=_since_pause(measured_points[0].runs))
        return {**_rates(last.by_run(self.test_type.headline)), **_readings(last.runs)}

    def overall_statistics(self, measured_points: Sequence[PointRuns]) -> Distributions:
        """Return the distributions of the first and the last fifth of the runs since the last pause."""
        last = replace(measured_points[0], runs=_since_pause(measured_points[0].runs))
        rates = last.by_run(self.test_type.headline)
        fifth = len(rates) // FIFTH
        fifths = {"firstFifthTokensPerSecond": rates[:fifth], "lastFifthTokensPerSecond": rates[len(rates) - fifth :]}
        return {name: summary.summarise(some, METRICS[name].unit) for name, some in fifths.items() if some}

    def finding(self, metrics: TestMetrics) -> str:
        first, last = metrics.figure("firstFifthTokensPerSecond"), metrics.figure("lastFifthTokensPerSecond")
        if first is None:
            only = rate(metrics.figure("decodeTokensPerSecond"))
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


def _duration_ms(options: Options) -> int:
    return SECOND_MS * int(options["durationSeconds"])


def _driven_ms(runs: Sequence[Run]) -> float:
    """Return the time that the model worked: from each request to the end of its answer, by the client's clock."""
    return sum(request["doneUs"] for run in runs for request in run.record["requests"]) / US_PER_MS


def _since_pause(runs: Sequence[Run]) -> list[Run]:
    """Return the runs after the last pause."""
    starts = [number for number, pair in enumerate(pairwise(runs), start=1) if _pause_ms(*pair)]
    return list(runs[starts[-1] :] if starts else runs)


def _pause_ms(before: Run, run: Run) -> int:
    """Return the time between two runs by Redis's clock if the machine cooled in it, else 0.

    Attempts that were answered and then rejected are not a pause. They took about as long as the run.
    """
    (_, ended), (start, end) = before.record["window"], run.record["window"]
    answered = [verdict for verdict in run.record["rejected"] if verdict["name"] != REQUEST_FAILED.name]
    gap = start - ended - len(answered) * (end - start)
    return gap if gap > MAX_PAUSE_MS else 0
