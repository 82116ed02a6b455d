"""Summary of a comparison: how many columns are faster, slower or not clearly different, and in which tests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.comparisons.tests import ComparedTest
from common.stats.comparing.comparison import Outcome

COUNTED = {
    Outcome.FASTER: ("is faster", "are faster"),
    Outcome.SLOWER: ("is slower", "are slower"),
    Outcome.BETTER: ("is better", "are better"),
    Outcome.WORSE: ("is worse", "are worse"),
    Outcome.DIFFERENT: ("differs", "differ"),
    Outcome.UNEXPLAINED: ("differs in these two sessions", "differ in these two sessions"),
    Outcome.UNEXPLAINED_HERE: ("differs in this session", "differ in this session"),
    Outcome.UNCLEAR: ("shows no clear difference", "show no clear difference"),
    Outcome.TOO_FEW: ("has too few runs to compare", "have too few runs to compare"),
    Outcome.INCOMPARABLE: ("is not comparable", "are not comparable"),
}
UNPLACED = (Outcome.UNCLEAR, Outcome.TOO_FEW)
"""Outcomes whose tests are not named in the summary."""


@dataclass(frozen=True)
class OutcomeCount:
    """The number of comparisons with one `outcome`.

    `words` describes the outcome for this number. For clear outcomes, `where` holds the columns' letters by test type.
    """

    outcome: Outcome
    words: str
    count: int
    where: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Summary:
    """The outcomes of all comparisons of headline metrics."""

    outcomes: Sequence[OutcomeCount]

    @property
    def total(self) -> int:
        return sum(outcome.count for outcome in self.outcomes)

    def sentence(self, baseline: str) -> str:
        """Return the summary of a comparison with a column of this title, empty if there is nothing to compare."""
        if not self.total:
            return ""
        metrics = "headline metric" if self.total == 1 else "headline metrics"
        counts = ", ".join(f"{each.count} {each.words}{_places(each.where)}" for each in self.outcomes)
        return f"Compared with {baseline}, of {self.total} {metrics}: {counts}."


def summary(tests: Sequence[ComparedTest]) -> Summary:
    compared = [(cell.outcome, test.name, cell.letter) for test in tests for cell in test.compared()]
    counts = {outcome: sum(found == outcome for found, _, _ in compared) for outcome in COUNTED}
    return Summary(
        [
            OutcomeCount(
                outcome, COUNTED[outcome][count > 1], count, {} if outcome in UNPLACED else _where(outcome, compared)
            )
            for outcome, count in counts.items()
            if count
        ]
    )


def _places(where: Mapping[str, Sequence[str]]) -> str:
    named = "; ".join(f"{name}: {', '.join(letters)}" for name, letters in where.items())
    return f" ({named})" if named else ""


def _where(outcome: Outcome, compared: Iterable[tuple[Outcome | None, str, str]]) -> dict[str, list[str]]:
    letters: dict[str, set[str]] = {}
    for found, name, letter in compared:
        if found == outcome:
            letters.setdefault(name, set()).add(letter)
    return {name: sorted(columns) for name, columns in letters.items()}
