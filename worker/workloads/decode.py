from common.catalogue import TestType
from worker.workload import Workload, options


class Decode(Workload):
    """A short prompt and a long answer: the rate at which the model writes. A list to go on with keeps it writing."""

    test_type = TestType(
        name="decode",
        question="How fast does the model write?",
        headline="decodeTokensPerSecond",
        options=options(prompt_tokens=64, output_tokens=128, repetitions=(5, 20)),
    )
    ending = "\nA list of a hundred things:\n1. river\n2. stone\n3."
