from typing import Any

from common.catalogue.test_types import TestType
from worker.workload.test_type import LIST_PROMPT, Workload, context_length, output_tokens, prompt_tokens, repetitions
from worker.workload.wording import rate

Json = dict[str, Any]


class Decode(Workload):
    """A short prompt and a long answer: the rate at which the model writes."""

    test_type = TestType(
        name="decode",
        question="How fast does the model write?",
        headline="decodeTokensPerSecond",
        options=(prompt_tokens(64), output_tokens(128), context_length(), *repetitions(5, 20)),
    )
    ending = LIST_PROMPT

    def finding(self, metrics: Json) -> str:
        return f"Writes at {rate(metrics.get('decodeTokensPerSecond'))}."
