"""Prompts of a wanted length in tokens, each different from its first token on.

The server keeps the states of earlier prompts and skips a shared beginning. So each prompt begins with its own nonce:
digits, because every nonce then has the same number of tokens. Everyday words follow in a seeded order. Random tokens
would disturb models that route by token. All prompts of a template hold the same words, so they have about the same
number of tokens.
"""

import hashlib
import random
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from common.errors import TestFailure

TOLERANCE = 0.02
PROBES = 32
MAX_REQUESTS = 24
MAX_EXCHANGED = 5
"""Words that may give way to fillers. If a byte is several tokens, a word with an even number of letters may be needed
or in the way, and at most five words in a row have an odd number.
"""
HALVING = 4
"""Each fourth step of a search halves what is left."""
NONCE_DIGITS = 12
FILLER = " a"
"""The shortest word: one token in most vocabularies, two if bytes are tokens. It fills what whole words leave."""

WORDS = (Path(__file__).parent / "words.txt").read_text().split()


@dataclass(frozen=True)
class PromptTemplate:
    """What all prompts of a test have in common. The model continues from `ending`."""

    words: int
    fillers: int
    ending: str

    def prompt(self, seed: str) -> str:
        """Return the prompt for `seed`. Another seed gives another nonce and another order."""
        digest = hashlib.sha256(seed.encode()).hexdigest()
        nonce = str(int(digest, 16))[-NONCE_DIGITS:]
        body = [WORDS[i % len(WORDS)] for i in range(self.words)]
        random.Random(digest).shuffle(body)  # noqa: S311 - an order, not a secret
        return " ".join([nonce, *body]) + FILLER * self.fillers + self.ending


def calibrate(
    count: Callable[[str], int],
    target: int,
    ending: str,
    new_seed: Callable[[], str] = secrets.token_hex,
    *,
    without_ending: bool = False,
) -> PromptTemplate:
    """Find the template whose prompts have `target` tokens, to within 2 % or one token.

    `count` returns the tokens of a prompt. It costs a request, so each template is counted once: usually 4 to 6
    requests, at most MAX_REQUESTS. The number of words is searched for first, then the number of fillers. Each search
    keeps the nearest known templates on both sides, so it cannot return to one. If no number of fillers fits, other
    numbers of words are tried, down to MAX_EXCHANGED fewer. So every length is found if a further word or filler never
    makes a prompt shorter, and a filler adds at most three tokens. `new_seed` makes each prompt new to the server.
    If even the shortest prompt is longer than the target, the ending is left out if `without_ending` allows it.

    Raises:
        TestFailure: the shortest prompt is longer, the server does not count, or no template comes near enough.
    """
    search = _Calibration(count, target, ending, new_seed)
    if without_ending and not search.fits():
        search = _Calibration(count, target, "", new_seed)
    return search.template()


class _Sample(NamedTuple):
    """The tokens of the template with `number` words, or fillers."""

    number: int
    tokens: int


@dataclass
class _Calibration:
    """The search for one template. `counted` remembers the tokens of each template tried, by its words and fillers."""

    count: Callable[[str], int]
    target: int
    ending: str
    new_seed: Callable[[], str]
    counted: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def tolerance(self) -> float:
        return max(1.0, TOLERANCE * self.target)

    def fits(self) -> bool:
        """Return whether the shortest prompt is short enough."""
        return self.tokens(0, 0) <= self.target + self.tolerance

    def template(self) -> PromptTemplate:
        shortest = self.tokens(0, 0)
        if not self.fits():
            raise TestFailure(f"the shortest prompt has {shortest} tokens; ask for promptTokens of at least {shortest}")
        per_word = (self.tokens(PROBES, 0) - shortest) / PROBES
        per_filler = (self.tokens(0, PROBES) - shortest) / PROBES
        if min(per_word, per_filler) <= 0:
            raise TestFailure("the server does not count the tokens of its prompts (prompt_eval_count)")
        words = self._words(per_word)
        for other in self._near(words):
            found = self._fillers(other, per_filler)
            if abs(found.tokens - self.target) <= self.tolerance:
                return PromptTemplate(other, found.number, self.ending)
        raise self._failure()

    def _near(self, words: int) -> Iterator[int]:
        """Yield this number of words, then larger ones while they are not too long, then smaller ones."""
        yield words
        more = words + 1
        while self.tokens(more, 0) <= self.target + self.tolerance:
            yield more
            more += 1
        yield from range(words - 1, max(words - MAX_EXCHANGED, 0) - 1, -1)

    def _words(self, per_word: float) -> int:
        """Return the number of words that leaves about a word's tokens, at most, to the fillers."""
        known = [_Sample(number, self.tokens(number, 0)) for number in (0, PROBES)]
        low, high = self.target - per_word, self.target + self.tolerance
        return _search(lambda words: self.tokens(words, 0), low, high, per_word, known).number

    def _fillers(self, words: int, per_filler: float) -> _Sample:
        """Return the number of fillers after these words that comes nearest from below, or is near enough."""
        known = [_Sample(0, self.tokens(words, 0))]
        low, high = self.target - self.tolerance, self.target + self.tolerance
        return _search(lambda fillers: self.tokens(words, fillers), low, high, per_filler, known)

    def tokens(self, words: int, fillers: int) -> int:
        """Count the tokens of a template, or remember them."""
        if (words, fillers) not in self.counted:
            if len(self.counted) >= MAX_REQUESTS:
                raise self._failure()
            template = PromptTemplate(words, fillers, self.ending)
            self.counted[words, fillers] = self.count(template.prompt(self.new_seed()))
        return self.counted[words, fillers]

    def _failure(self) -> TestFailure:
        nearest = min(self.counted.values(), key=lambda tokens: abs(tokens - self.target))
        return TestFailure(
            f"no prompt of {self.target} tokens could be built for this model: the nearest had {nearest}; "
            "ask for that length"
        )


def _search(tokens: Callable[[int], int], low: float, high: float, slope: float, known: Sequence[_Sample]) -> _Sample:
    """Return a sample that has from `low` to `high` tokens, or else the last one that is too short.

    `tokens` counts those of a number of words or fillers. They never fall, and grow by about `slope` with each. The
    first `known` sample is returned if all are too long. Each step tries a number between the nearest sample that is
    too short and the nearest that is too long, so none is tried twice.
    """
    known = list(known)
    while True:
        fitting = [sample for sample in known if low <= sample.tokens <= high]
        if fitting:
            return fitting[0]
        below = max((sample for sample in known if sample.tokens < low), default=None)
        if below is None:
            return known[0]
        above = min((sample for sample in known if sample > below), default=None)
        if above and above.number == below.number + 1:
            return below
        number = _between(below, above, (low + high) / 2, slope, halve=len(known) % HALVING == 0)
        known.append(_Sample(number, tokens(number)))


def _between(below: _Sample, above: _Sample | None, wanted: float, slope: float, *, halve: bool) -> int:
    """Return the number that should have the `wanted` tokens, or the middle, which narrows the search of any curve."""
    missing = wanted - below.tokens
    if above is None:
        return below.number + max(1, round(missing / slope))
    gap = above.number - below.number
    share = 0.5 if halve else missing / (above.tokens - below.tokens)
    return min(max(below.number + round(share * gap), below.number + 1), above.number - 1)
