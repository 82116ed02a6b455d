"""Verdict on the server's counts of tokens, compared with the chunks of many answers.

A chunk is not always a token. Ollama holds back the tokens of a character until it is complete, and drops those of one
that never is. So an answer may have fewer chunks than tokens, but the number of missing chunks varies by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Self

from common.catalogue.verdicts import on_tests
from common.catalogue.verdicts.verdict_type import VerdictType
from worker.ollama.responses import Generation
from worker.verdicts import Verdict

MIN_ANSWERS = 4
"""Answers if one chunk is missing in each, and twice as many if more are.

In answers of random bytes, two chunks are missing with a chance of up to 0.3, and each larger number with a smaller
one. A server's notion of a token differs by chance once, not in eight answers in the same way.
"""
FEW = 2
"""Tokens per chunk from which chunks must hold several tokens."""
PERCENT = 100


@dataclass(frozen=True)
class CountedAnswer:
    """The counts of an answer.

    `unsent` are the tokens before the first chunk and after the last one, for which the server's time has room. They
    are 0 if most chunks arrived together, so that the time of a token is unknown.
    """

    tokens: int
    chunks: int
    unsent: float

    @classmethod
    def of(cls, generation: Generation) -> Self | None:
        """Return the counts, or None if more than the counting decides about the number of chunks.

        That is an end token, thinking, or a character of several bytes.
        """
        tokens, chunks = generation.server.output_tokens, len(generation.content_ns)
        whole = generation.done_reason == "length" and not generation.thought and generation.text.isascii()
        if not tokens or chunks < 2 or not whole:  # noqa: PLR2004 - an interval has two ends
            return None
        return cls(tokens, chunks, _unsent(generation))

    @property
    def missing(self) -> int:
        """Chunks that would be needed for one per token; negative if there are more chunks than tokens."""
        return self.tokens - self.chunks


def evaluate(answers: Sequence[CountedAnswer]) -> Verdict | None:
    """Return the verdict on answers to different prompts."""
    if len(answers) < MIN_ANSWERS:
        return None
    missing = {answer.missing for answer in answers}
    if max(missing) < 0:
        return _verdict(on_tests.COUNTS_TOO_LOW, answers)
    if all(answer.tokens >= FEW * answer.chunks for answer in answers):
        return _verdict(on_tests.FEW_CHUNKS, answers)
    if len(missing) > 1 or 0 in missing or len(answers) < MIN_ANSWERS * min(2, max(missing)):
        return None
    if median(answer.unsent for answer in answers) >= max(missing) / 2:
        return None
    return _verdict(on_tests.COUNTS_TOO_HIGH, answers)


def _unsent(generation: Generation) -> float:
    content = generation.content_ns
    interval = median(later - earlier for earlier, later in pairwise(content))
    beyond = (generation.server.output_ns or 0) - (content[-1] - content[0])
    return beyond / interval if interval else 0.0


def _verdict(declared: VerdictType, answers: Sequence[CountedAnswer]) -> Verdict:
    """Return the verdict with the counts of the answer that is in the middle by its share of missing chunks."""
    usual = sorted(answers, key=lambda answer: answer.tokens / answer.chunks)[len(answers) // 2]
    difference = PERCENT * ((usual.tokens - 1) / (usual.chunks - 1) - 1)
    evidence = {"outputTokens": usual.tokens, "chunks": usual.chunks, "difference": difference, "answers": len(answers)}
    return Verdict.of(declared, evidence)
