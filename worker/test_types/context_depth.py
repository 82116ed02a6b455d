from common.records.test_metrics import TestMetrics
from worker.workload.test_type import Workload
from worker.workload.wording import first_and_last, rate, share


class ContextDepth(Workload, implements="context-depth"):
    """Decode after prompts of growing length, in one context length: what a token costs deeper in the context."""

    def finding(self, metrics: TestMetrics) -> str:
        found = first_and_last(metrics.points, self.test_type.headline)
        if found is None:
            return f"The model writes {rate(metrics.figure(self.test_type.headline))}. Other depths were not tested."
        (shallow, first), (deep, last) = found
        kept = share(100 * last["value"] / first["value"]) if first["value"] and last["value"] else share(None)
        return (
            f"The model writes {rate(first)} after {shallow['promptTokens']} tokens of context, and {rate(last)} after "
            f"{deep['promptTokens']}: {kept} of the first rate."
        )
