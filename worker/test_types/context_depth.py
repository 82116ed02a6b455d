from common.records.test_metrics import TestMetrics
from worker.workload.test_type import LIST_PROMPT, Workload
from worker.workload.wording import ends, rate, share


class ContextDepth(Workload, implements="context-depth"):
    """Decode behind prompts of growing length, all in one context length: what each further token costs when there is
    more to look back at.
    """

    ending = LIST_PROMPT

    def finding(self, metrics: TestMetrics) -> str:
        found = ends(metrics.points, self.test_type.headline)
        if found is None:
            return f"Writes at {rate(metrics.get(self.test_type.headline))}; one depth alone tells no fall."
        (shallow, first), (deep, last) = found
        return (
            f"Writes at {rate(first)} behind {shallow['promptTokens']} tokens and at {rate(last)} behind "
            f"{deep['promptTokens']}: {share(100 * last / first)} of it."
        )
