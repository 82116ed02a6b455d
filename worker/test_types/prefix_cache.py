from collections.abc import Sequence
from typing import Any

from common.catalogue.test_types import TestType
from worker.verdicts.expected import Expected
from worker.workload.point_runs import Part
from worker.workload.run import Exchange, Trial
from worker.workload.run_context import Bench
from worker.workload.test_type import Workload, context_length, expected, output_tokens, prompt_tokens, repetitions
from worker.workload.wording import duration, share

Json = dict[str, Any]

FIRST, SECOND = "\nThe first question:", "\nThe second question:"


class PrefixCache(Workload):
    """Each run asks two questions behind one long text of its own: to the first the text is new, to the second the
    server should know it. The longest text stands for the test.
    """

    test_type = TestType(
        name="prefix-cache",
        question="How much of the wait does a prompt save whose beginning the server knows?",
        headline="timeToFirstToken",
        options=(
            prompt_tokens(512, 1024, 4096, many=True),
            output_tokens(16),
            context_length(),
            *repetitions(3, 10),
        ),
    )
    ending = FIRST

    def perform(self, bench: Bench, seed: str) -> Trial:
        prompt = self.shape.prompt(seed)
        new = bench.generate(prompt)
        cached = bench.generate(prompt.removesuffix(FIRST) + SECOND)
        known = Expected(None, bench.options["outputTokens"], cached=True)
        asked = (
            Exchange(new, expected(bench.options), {"prefix": "new"}),
            Exchange(cached, known, {"prefix": "cached"}),
        )
        before, after = (exchange.figures(self.rate)["timeToFirstToken"] for exchange in asked)
        saved = 100 * (1 - after / before) if before and after else None
        return Trial(asked, {"timeToFirstToken": after, "uncachedTimeToFirstToken": before, "cacheSaving": saved})

    def main(self, parts: Sequence[Part]) -> Part:
        return max(parts, key=lambda part: int(part.point["promptTokens"]))

    def finding(self, metrics: Json) -> str:
        before, after = duration(metrics.get("uncachedTimeToFirstToken")), duration(metrics.get("timeToFirstToken"))
        return (
            f"A known beginning saves {share(metrics.get('cacheSaving'))} of the wait for the first token: "
            f"{after} instead of {before}."
        )
