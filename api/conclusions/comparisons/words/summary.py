"""Summary of a comparison: how many metrics are faster, slower or not clearly different, and what changed most."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from typing import NamedTuple

from api.conclusions.comparisons.alternatives import Names
from api.conclusions.comparisons.compared_tests import ComparedCell, ComparedRow, ComparedTest
from api.conclusions.comparisons.evaluation.verdicts import Verdict
from api.conclusions.comparisons.words.sentences import row_title, signed_size
from common.stats.comparing.comparison import PERCENT, Outcome

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
MAX_NAMED = 3
"""Changes of one outcome that a sentence names."""


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
class NamedChange:
    """A change of a headline metric: what changed, such as `qwen3:8b, decode`, and its verdict."""

    subject: str
    verdict: Verdict

    @property
    def text(self) -> str:
        found = self.verdict.difference
        return f"{self.subject} {signed_size(found.change, self.verdict.metric.unit, relative=found.relative)}"

    @property
    def size(self) -> float:
        """The size of the change as the distance of a ratio from 1, in whichever direction."""
        found = self.verdict.difference
        return abs(log1p(found.change / PERCENT)) if found.relative and found.change > -PERCENT else abs(found.change)


@dataclass(frozen=True)
class AlternativeSummary:
    """The outcomes of one alternative against another, and its clear changes, the largest first."""

    title: str
    against: str
    outcomes: Sequence[OutcomeCount]
    changes: Mapping[Outcome, Sequence[NamedChange]]

    @property
    def total(self) -> int:
        return sum(outcome.count for outcome in self.outcomes)

    @property
    def changed(self) -> int:
        """The number of clear changes."""
        return sum(len(changes) for changes in self.changes.values())

    @property
    def largest(self) -> list[NamedChange]:
        """The largest changes of any outcome."""
        every = [change for changes in self.changes.values() for change in changes]
        return sorted(every, key=lambda one: -one.size)[:MAX_NAMED]

    @property
    def sentence(self) -> str:
        """The outcomes in a sentence, such as `27 Nov compared with 26 Nov: of 60 headline metrics, …`."""
        metrics = "headline metric" if self.total == 1 else "headline metrics"
        counts = ", ".join(f"{each.count} {each.words}{self._places(each)}" for each in self.outcomes)
        return f"{self.title} compared with {self.against}: of {self.total} {metrics}, {counts}."

    def _places(self, counted: OutcomeCount) -> str:
        changes = self.changes.get(counted.outcome, ())
        named = [change.text for change in changes[:MAX_NAMED]] or list(counted.where)
        more = [f"{len(changes) - MAX_NAMED} more"] if len(changes) > MAX_NAMED else []
        return f" ({'; '.join([*named, *more])})" if named else ""


@dataclass(frozen=True)
class Summary:
    """The outcomes of all comparisons of headline metrics, together and by alternative."""

    outcomes: Sequence[OutcomeCount]
    alternatives: Sequence[AlternativeSummary]

    @property
    def sentence(self) -> str:
        """What was found in a sentence for each alternative, empty if there is nothing to compare."""
        return " ".join(each.sentence for each in self.alternatives)


def summary(tests: Sequence[ComparedTest], names: Names) -> Summary:
    compared = [
        _Compared(test.name, row, cell) for test in tests for row in test.rows for cell in row.cells if cell.outcome
    ]
    by_title: dict[str, list[_Compared]] = {}
    for each in compared:
        by_title.setdefault(names.titles[each.cell.letter], []).append(each)
    return Summary(_counts(compared), [_of_alternative(title, found, names) for title, found in by_title.items()])


class _Compared(NamedTuple):
    test: str
    row: ComparedRow
    cell: ComparedCell


def _of_alternative(title: str, compared: Sequence[_Compared], names: Names) -> AlternativeSummary:
    against = dict.fromkeys(names.pair(each.cell.against, each.cell.letter)[0] for each in compared)
    changes: dict[Outcome, list[NamedChange]] = {}
    for each in compared:
        if each.cell.verdict and each.cell.outcome and each.cell.outcome not in UNPLACED:
            changes.setdefault(each.cell.outcome, []).append(_change(each, each.cell.verdict, names))
    largest = {outcome: sorted(found, key=lambda one: -one.size) for outcome, found in changes.items()}
    return AlternativeSummary(title, " and ".join(against), _counts(compared), largest)


def _change(compared: _Compared, verdict: Verdict, names: Names) -> NamedChange:
    title = row_title(compared.row.point, compared.row.metric)
    return NamedChange(names.subject(compared.cell.against, compared.cell.letter, title), verdict)


def _counts(compared: Sequence[_Compared]) -> list[OutcomeCount]:
    counts = Counter(each.cell.outcome for each in compared)
    return [
        OutcomeCount(outcome, words[count > 1], count, {} if outcome in UNPLACED else _where(outcome, compared))
        for outcome, words in COUNTED.items()
        if (count := counts[outcome])
    ]


def _where(outcome: Outcome, compared: Iterable[_Compared]) -> dict[str, list[str]]:
    letters: dict[str, list[str]] = {}
    for each in compared:
        if each.cell.outcome == outcome and each.cell.letter not in letters.setdefault(each.test, []):
            letters[each.test].append(each.cell.letter)
    return letters
