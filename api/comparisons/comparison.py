"""A comparison as a whole, for the page and for the route."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from api.comparisons.columns import Column, baseline_of, baselines, test_types
from api.comparisons.points import TestPoints, points_of
from api.comparisons.tests import ComparedTest, Comparer, controlled
from api.comparisons.words import facts, methods, summary
from api.comparisons.words.facts import ColumnFact
from api.comparisons.words.summary import Summary


class Comparison:
    """The comparison of columns with one of them, or with the same models of one session.

    `wanted` is the key of the baseline's column, or its session. Verdicts take some time, so each part is computed when
    it is first asked for.
    """

    def __init__(self, shown: Sequence[Column], wanted: str, *, any_digest: bool) -> None:
        self.shown = shown
        self.baseline = baseline_of(shown, wanted)
        self.against = baselines(shown, wanted)
        self.titles = facts.titles(shown)
        self.test = Comparer(shown, self.against, any_digest=any_digest).test

    def _made(self) -> Iterable[ComparedTest]:
        return map(self.test, test_types(self.shown))

    @cached_property
    def tests(self) -> list[ComparedTest]:
        """The test types, with the verdicts that stay clear among all of them."""
        return controlled(list(self._made()))

    @cached_property
    def points(self) -> list[TestPoints]:
        """The points of each test compared with each other."""
        return points_of(self.shown)

    def points_of(self, name: str) -> list[TestPoints]:
        """Return the compared points of a test type, column by column."""
        return [found for found in self.points if found.test_type == name]

    def grades(self, name: str) -> dict[str, str | None]:
        """Return the grades of the results of a test type, by the letters of the columns that have one."""
        tests = {column.letter: column.tests.get(name) for column in self.shown}
        return {letter: test.grade for letter, test in tests.items() if test and test.headline}

    @cached_property
    def facts(self) -> list[ColumnFact]:
        return facts.facts(self.shown)

    @cached_property
    def unlike_options(self) -> list[ColumnFact]:
        return facts.option_facts(self.shown, self.baseline)

    @cached_property
    def summary(self) -> Summary:
        return summary.summary(self.tests)

    @property
    def sentence(self) -> str:
        """The summary in one sentence, empty if there is nothing to compare."""
        return self.summary.sentence(self.baseline_titles)

    @property
    def baseline_titles(self) -> str:
        """The titles of the columns that others are compared with."""
        used = {cell.against for test in self.tests for cell in test.compared()} or {self.baseline.letter}
        return " and ".join(self.titles[letter] for letter in sorted(used))

    @cached_property
    def methods(self) -> list[str]:
        return methods.sentences(self.tests, self.shown, self.against)

    @cached_property
    def together(self) -> str:
        return methods.together(self.tests)
