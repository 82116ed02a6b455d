from typing import Any

from common.catalogue.test_types import TestType
from worker.workload.test_type import Workload, context_length, output_tokens, prompt_tokens, repetitions
from worker.workload.wording import duration, ends

Json = dict[str, Any]


class TimeToFirstToken(Workload):
    """Prompts of several lengths against a warm model; what a person waits for before anything is to be read."""

    test_type = TestType(
        name="ttft",
        question="How long does a person wait for the first token of an answer?",
        headline="timeToFirstToken",
        options=(
            prompt_tokens(128, 512, 1024, many=True),
            output_tokens(16),
            context_length(),
            *repetitions(5, 20),
        ),
    )

    def finding(self, metrics: Json) -> str:
        found = ends(metrics["points"], self.test_type.headline)
        if found is None:
            return f"The first token comes after {duration(metrics.get(self.test_type.headline))}."
        (short, quick), (long, slow) = found
        return (
            f"The first token comes after {duration(quick)} to a prompt of {short['promptTokens']} tokens, "
            f"after {duration(slow)} to one of {long['promptTokens']}."
        )
