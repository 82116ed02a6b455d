from common.catalogue import TestType
from worker.workload import Workload, options


class TimeToFirstToken(Workload):
    """A prompt of everyday length against a warm model; what a person waits for before anything is to be read."""

    test_type = TestType(
        name="ttft",
        question="How long does a person wait for the first token of an answer?",
        headline="timeToFirstToken",
        options=options(prompt_tokens=256, output_tokens=16, repetitions=(5, 20)),
    )
