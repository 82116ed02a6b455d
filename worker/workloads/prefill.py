from common.catalogue import TestType
from worker.workload import Workload, options


class Prefill(Workload):
    """A long prompt and a short answer: the rate at which the model reads."""

    test_type = TestType(
        name="prefill",
        question="How fast does the model read a prompt?",
        headline="promptTokensPerSecond",
        options=options(prompt_tokens=1024, output_tokens=16, repetitions=(5, 20)),
    )
    rate = "promptTokensPerSecond"
