from common.records.test_metrics import TestMetrics
from worker.workload.test_type import Workload
from worker.workload.wording import duration, ends


class TimeToFirstToken(Workload, implements="ttft"):
    """Prompts of several lengths against a warm model; what a person waits for before anything is to be read."""

    def finding(self, metrics: TestMetrics) -> str:
        found = ends(metrics.points, self.test_type.headline)
        if found is None:
            return f"The first token comes after {duration(metrics.get(self.test_type.headline))}."
        (short, quick), (long, slow) = found
        return (
            f"The first token comes after {duration(quick)} to a prompt of {short['promptTokens']} tokens, "
            f"after {duration(slow)} to one of {long['promptTokens']}."
        )
