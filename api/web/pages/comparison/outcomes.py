"""Summary of a comparison: how many columns are better, worse or not clearly different, and in which tests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.web.pages.comparison.sections import ComparedSection
from common.stats.comparison import Outcome

COMPARISONS_PER_FALSE_DIFFERENCE = 20
"""About one in this many comparisons differs by chance alone, at 95 % intervals."""
CLEAR = (Outcome.BETTER, Outcome.WORSE, Outcome.DIFFERENT)
COUNTED = {
    Outcome.BETTER: ("is better", "are better"),
    Outcome.WORSE: ("is worse", "are worse"),
    Outcome.DIFFERENT: ("differs", "differ"),
    Outcome.UNCLEAR: ("shows no clear difference", "show no clear difference"),
    Outcome.TOO_FEW: ("has too few runs to compare", "have too few runs to compare"),
}


@dataclass(frozen=True)
class OutcomeCount:
    """The number of comparisons with one outcome.

    `words` describes the outcome for this number. For clear outcomes, `where` holds the columns' letters by test type.
    """

    words: str
    count: int
    where: Mapping[str, str]


@dataclass(frozen=True)
class Summary:
    """The outcomes of all comparisons of headline metrics."""

    outcomes: Sequence[OutcomeCount]

    @property
    def total(self) -> int:
        return sum(outcome.count for outcome in self.outcomes)

    @property
    def by_chance(self) -> int:
        """The number of comparisons expected to differ by chance alone."""
        return round(self.total / COMPARISONS_PER_FALSE_DIFFERENCE)


def summary(sections: Sequence[ComparedSection]) -> Summary:
    compared = [(cell.outcome, section.name, cell.letter) for section in sections for cell in section.compared()]
    counts = {outcome: sum(found == outcome for found, _, _ in compared) for outcome in COUNTED}
    return Summary(
        [
            OutcomeCount(COUNTED[outcome][count > 1], count, _where(outcome, compared) if outcome in CLEAR else {})
            for outcome, count in counts.items()
            if count
        ]
    )


def _where(outcome: Outcome, compared: Iterable[tuple[Outcome | None, str, str]]) -> dict[str, str]:
    letters: dict[str, dict[str, None]] = {}
    for found, name, letter in compared:
        if found == outcome:
            letters.setdefault(name, {})[letter] = None
    return {name: ", ".join(sorted(columns)) for name, columns in letters.items()}
