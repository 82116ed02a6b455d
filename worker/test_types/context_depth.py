from typing import Any

from common.catalogue.test_types import TestType
from worker.workload.test_type import LIST_PROMPT, Workload, context_length, output_tokens, prompt_tokens, repetitions
from worker.workload.wording import ends, rate, share

Json = dict[str, Any]


class ContextDepth(Workload):
    """Decode behind prompts of growing length, all in one context length: what each further token costs when there is
    more to look back at.
    """

    test_type = TestType(
        name="context-depth",
        question="How much slower does the model write deep in its context?",
        headline="decodeTokensPerSecond",
        options=(
            prompt_tokens(64, 1024, 4096, 8192, many=True),
            output_tokens(64),
            context_length(),
            *repetitions(3, 10),
        ),
    )
    ending = LIST_PROMPT

    def finding(self, metrics: Json) -> str:
        found = ends(metrics["points"], self.test_type.headline)
        if found is None:
            return f"Writes at {rate(metrics.get(self.test_type.headline))}; one depth alone tells no fall."
        (shallow, first), (deep, last) = found
        return (
            f"Writes at {rate(first)} behind {shallow['promptTokens']} tokens and at {rate(last)} behind "
            f"{deep['promptTokens']}: {share(100 * last / first)} of it."
        )
