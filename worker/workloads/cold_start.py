from common.catalogue import TestType
from worker.workload import Bench, Workload, options


class ColdStart(Workload):
    """Each run begins with the model out of memory, as /api/ps confirms; its file may still be in the page cache."""

    test_type = TestType(
        name="cold-start",
        question="How long does the first answer take when the model is not in memory?",
        headline="loadTime",
        options=options(prompt_tokens=64, output_tokens=16, repetitions=(3, 5)),
    )
    warm = False

    def before_run(self, bench: Bench, spare_prompt: str) -> None:  # noqa: ARG002 - nothing to warm here
        bench.driver.unload(bench.model)
