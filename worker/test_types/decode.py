from common.records.test_metrics import TestMetrics
from worker.workload.test_type import Workload
from worker.workload.wording import rate


class Decode(Workload, implements="decode"):
    """A short prompt and a long answer: the rate at which the model writes."""

    def finding(self, metrics: TestMetrics) -> str:
        return f"The model writes {rate(metrics.figure('decodeTokensPerSecond'))}."
