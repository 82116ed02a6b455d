from collections.abc import Sequence

from common.records.test_metrics import TestMetrics
from worker.workload.point_runs import PointRuns
from worker.workload.test_type import Workload
from worker.workload.wording import ends, rate


class Prefill(Workload, implements="prefill"):
    """Long prompts and short answers: the rate at which the model reads. The longest prompt stands for the test."""

    rate = "promptTokensPerSecond"

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        return max(measured_points, key=lambda point_runs: int(point_runs.point["promptTokens"]))

    def finding(self, metrics: TestMetrics) -> str:
        found = ends(metrics.points, self.rate)
        if found is None:
            return f"Reads prompts at {rate(metrics.get(self.rate))}."
        (short, at_short), (long, at_long) = found
        return (
            f"Reads prompts of {short['promptTokens']} tokens at {rate(at_short)}, "
            f"of {long['promptTokens']} at {rate(at_long)}."
        )
