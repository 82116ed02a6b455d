"""Prompts of a wanted length in tokens, each different from its first token on.

The server keeps the states of earlier prompts and skips what a new one shares with them from its beginning, so each
prompt begins with a nonce of its own: digits, because their number of tokens is the same in every nonce. The words
after it are everyday ones in a seeded order; random tokens would disturb models that route by token. All prompts of one
shape hold the same words, so that they have about the same number of tokens.
"""

import hashlib
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from common.errors import TestFailure

TOLERANCE = 0.02
PROBES = 32
ATTEMPTS = 8
NONCE_DIGITS = 12
FILLER = " a"
"""The shortest of words, one token in most vocabularies and two where bytes are, to make up what whole words cannot."""

WORDS = (Path(__file__).parent / "words.txt").read_text().split()


@dataclass(frozen=True)
class PromptTemplate:
    """What all prompts of a test have in common. `ending` is what the model is to go on from."""

    words: int
    fillers: int
    ending: str

    def prompt(self, seed: str) -> str:
        """The prompt of this shape for `seed`; another seed gives another nonce and another order."""
        digest = hashlib.sha256(seed.encode()).hexdigest()
        nonce = str(int(digest, 16))[-NONCE_DIGITS:]
        body = [WORDS[i % len(WORDS)] for i in range(self.words)]
        random.Random(digest).shuffle(body)  # noqa: S311 - an order, not a secret
        return " ".join([nonce, *body]) + FILLER * self.fillers + self.ending


def calibrate(count: Callable[[str], int], target: int, ending: str) -> PromptTemplate:
    """The shape whose prompts have `target` tokens, to within 2 % or one token, as `count` counts a prompt.

    Raises:
        TestFailure: when even a prompt without words is longer, or no shape comes near enough.
    """
    template = PromptTemplate(0, 0, ending)
    shortest = _count(count, template)
    if shortest > target + _tolerance(target):
        raise TestFailure(f"the shortest prompt has {shortest} tokens; ask for promptTokens of that at least")
    per_word, per_filler = (
        (_count(count, probe) - shortest) / PROBES
        for probe in (replace(template, words=PROBES), replace(template, fillers=PROBES))
    )
    if min(per_word, per_filler) <= 0:
        raise TestFailure("the server does not count the tokens of its prompts (prompt_eval_count)")
    template = replace(template, words=int((target - shortest) / per_word))
    for _ in range(ATTEMPTS):
        missing = target - _count(count, template)
        if abs(missing) <= _tolerance(target):
            return template
        template = _adjust(template, int(missing / per_word), round(missing / per_filler))
    raise TestFailure(f"no prompt of {target} tokens could be built for this model; the nearest was {missing} off")


def _adjust(template: PromptTemplate, words: int, fillers: int) -> PromptTemplate:
    """Whole words first, then fillers; too long a prompt loses both."""
    if words:
        return replace(template, words=max(template.words + words, 0))
    if template.fillers + fillers >= 0:
        return replace(template, fillers=template.fillers + fillers)
    return replace(template, words=max(template.words - 1, 0))


def _count(count: Callable[[str], int], template: PromptTemplate) -> int:
    return count(template.prompt(secrets.token_hex()))


def _tolerance(target: int) -> float:
    return max(1.0, TOLERANCE * target)
