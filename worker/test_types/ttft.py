from common.records.test_metrics import TestMetrics
from worker.workload.test_type import Workload
from worker.workload.wording import duration, first_and_last


class TimeToFirstToken(Workload, implements="ttft"):
    """Prompts of several lengths for a warm model: how long a person waits for the beginning of an answer."""

    def finding(self, metrics: TestMetrics) -> str:
        found = first_and_last(metrics.points, self.test_type.headline)
        if found is None:
            return f"The first token arrives after {duration(metrics.figure(self.test_type.headline))}."
        (short, short_wait), (long, long_wait) = found
        return (
            f"The first token arrives after {duration(short_wait)} with a prompt of {short['promptTokens']} tokens, "
            f"and after {duration(long_wait)} with {long['promptTokens']} tokens."
        )
