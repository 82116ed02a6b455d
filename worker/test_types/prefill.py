from collections import defaultdict
from collections.abc import Sequence

from common.catalogue.metrics import METRICS
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distributions
from common.stats.proportional_line import fit
from common.stats.summary import summarise
from common.store.tables import Run
from worker.workload.point_runs import PointRuns
from worker.workload.test_type import Workload
from worker.workload.wording import duration, first_and_last, rate

SECOND_MS = 1000
FIXED, EACH = "promptFixedTime", "promptTimePerToken"


class Prefill(Workload, implements="prefill"):
    """Long prompts and short answers: the rate at which the model reads. The longest prompt represents the test.

    The time of a prompt is fitted block by block, as a fixed part and a time for each token.
    """

    rate = "promptTokensPerSecond"

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        return max(measured_points, key=lambda point_runs: int(point_runs.point["promptTokens"]))

    def overall_statistics(self, measured_points: Sequence[PointRuns]) -> Distributions:
        blocks: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
        for run in (run for point_runs in measured_points for run in point_runs.runs):
            blocks[run.repetition] += _time(run)
        lines = [fit(times) for times in blocks.values() if len(times) == len(measured_points)]
        known = list(filter(None, lines))
        if not known:
            return {}
        parts = {FIXED: [line.fixed for line in known], EACH: [line.slope for line in known]}
        confidence = measured_points[0].confidence
        return {name: summarise(values, METRICS[name].unit, confidence) for name, values in parts.items()}

    def finding(self, metrics: TestMetrics) -> str:
        found = first_and_last(metrics.points, self.rate)
        if found is None:
            return f"The model reads prompts at {rate(metrics.figure(self.rate))}."
        (short, at_short), (long, at_long) = found
        rates = (
            f"The model reads prompts of {short['promptTokens']} tokens at {rate(at_short)}, "
            f"and prompts of {long['promptTokens']} tokens at {rate(at_long)}."
        )
        fixed, each = metrics.figure(FIXED), metrics.figure(EACH)
        if fixed is None or each is None:
            return rates
        if (metrics.get(FIXED) or 0.0) < 0:
            return f"{rates} Long prompts take more time for each token than short ones."
        return f"{rates} A prompt takes {duration(fixed)}, and {duration(each)} more for each token."


def _time(run: Run) -> list[tuple[float, float]]:
    """Return the tokens that were read, and the time in ms that it took; nothing if they are unknown."""
    prompt, per_second = run.metrics.get("promptTokens"), run.metrics.get(Prefill.rate)
    if not prompt or not per_second:
        return []
    tokens = prompt - (run.metrics.get("cachedTokens") or 0)
    return [(tokens, SECOND_MS * tokens / per_second)]
