"""How a whole comparison came out: how many are better, worse or not clear, and where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.web.pages.comparison.contrasts import Section
from common.stats.comparison import Outcome

LEAST_BEYOND_CHANCE = 20
"""One comparison in about so many seems to differ where nothing does."""
CLEAR = (Outcome.BETTER, Outcome.WORSE, Outcome.DIFFERENT)
COUNTED = {
    Outcome.BETTER: ("is better", "are better"),
    Outcome.WORSE: ("is worse", "are worse"),
    Outcome.DIFFERENT: ("differs", "differ"),
    Outcome.UNCLEAR: ("shows no clear difference", "show no clear difference"),
    Outcome.TOO_FEW: ("has too few runs to tell", "have too few runs to tell"),
}


@dataclass(frozen=True)
class OutcomeCount:
    """How many comparisons came out with a word, as `words` say it of so many; of a clear one also where, as letters of
    columns by test type.
    """

    words: str
    count: int
    where: Mapping[str, str]


@dataclass(frozen=True)
class Summary:
    """How the comparisons of the headline metrics came out."""

    outcomes: Sequence[OutcomeCount]

    @property
    def total(self) -> int:
        return sum(outcome.count for outcome in self.outcomes)

    @property
    def by_chance(self) -> int:
        """How many would seem to differ if nothing did."""
        return round(self.total / LEAST_BEYOND_CHANCE)


def summary(found: Sequence[Section]) -> Summary:
    told_of = [(cell.word, section.name, cell.letter) for section in found for cell in section.compared()]
    counts = {word: sum(one == word for one, _, _ in told_of) for word in COUNTED}
    return Summary(
        [
            OutcomeCount(COUNTED[word][count > 1], count, _where(word, told_of) if word in CLEAR else {})
            for word, count in counts.items()
            if count
        ]
    )


def _where(word: Outcome, told_of: Iterable[tuple[Outcome | None, str, str]]) -> dict[str, str]:
    letters: dict[str, dict[str, None]] = {}
    for one, name, letter in told_of:
        if one == word:
            letters.setdefault(name, {})[letter] = None
    return {name: ", ".join(sorted(found)) for name, found in letters.items()}
