from common.records.test_metrics import TestMetrics
from worker.workload.test_type import Workload
from worker.workload.wording import first_and_last, rate, share


class ContextDepth(Workload, implements="context-depth"):
    """Decode after prompts of growing length, in one context length: what a token costs deeper in the context."""

    def finding(self, metrics: TestMetrics) -> str:
        found = first_and_last(metrics.points, self.test_type.headline)
        if found is None:
            return f"The model writes {rate(metrics.get(self.test_type.headline))}. Other depths were not tested."
        (shallow, first), (deep, last) = found
        return (
            f"The model writes {rate(first)} after {shallow['promptTokens']} tokens of context, and {rate(last)} after "
            f"{deep['promptTokens']}: {share(100 * last / first)} of the first rate."
        )
