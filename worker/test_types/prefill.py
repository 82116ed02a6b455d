from collections.abc import Sequence

from common.records.test_metrics import TestMetrics
from worker.workload.point_runs import PointRuns
from worker.workload.test_type import Workload
from worker.workload.wording import first_and_last, rate


class Prefill(Workload, implements="prefill"):
    """Long prompts and short answers: the rate at which the model reads. The longest prompt represents the test."""

    rate = "promptTokensPerSecond"

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        return max(measured_points, key=lambda point_runs: int(point_runs.point["promptTokens"]))

    def finding(self, metrics: TestMetrics) -> str:
        found = first_and_last(metrics.points, self.rate)
        if found is None:
            return f"The model reads prompts at {rate(metrics.figure(self.rate))}."
        (short, at_short), (long, at_long) = found
        return (
            f"The model reads prompts of {short['promptTokens']} tokens at {rate(at_short)}, "
            f"and prompts of {long['promptTokens']} tokens at {rate(at_long)}."
        )
