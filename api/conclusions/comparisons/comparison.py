"""A comparison as a whole, for the page and for the route."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from api.conclusions.comparisons.alternatives import alternatives, names
from api.conclusions.comparisons.columns import MAX_DETAILED, Column, baseline_of, baselines, test_types
from api.conclusions.comparisons.compared_tests import ComparedTest, Comparer, controlled
from api.conclusions.comparisons.evaluation.points import TestPoints, points_of
from api.conclusions.comparisons.words import differences, methods, summary
from api.conclusions.comparisons.words.differences import ColumnFact
from api.conclusions.comparisons.words.summary import Summary


class Comparison:
    """The comparison of columns with one of them, or with the same models of one session.

    `wanted` is the key of the baseline's column, or its session. Verdicts take some time, so each part is computed when
    it is first asked for. One of many columns is large: it has the metrics that answer the questions of the tests,
    and no others.
    """

    def __init__(self, shown: Sequence[Column], wanted: str, *, any_digest: bool) -> None:
        self.shown = shown
        self.baseline = baseline_of(shown, wanted)
        self.against = baselines(shown, wanted)
        self.alternatives = alternatives(shown)
        self.names = names(self.alternatives)
        self.is_large = len(shown) > MAX_DETAILED
        self.test = Comparer(shown, self.against, any_digest=any_digest, only_headlines=self.is_large).test

    def _made(self) -> Iterable[ComparedTest]:
        return map(self.test, test_types(self.shown))

    @cached_property
    def tests(self) -> list[ComparedTest]:
        """The test types, with the verdicts that stay clear among all of them."""
        return controlled(list(self._made()))

    @cached_property
    def points(self) -> list[TestPoints]:
        """The points of each test compared with each other, none in a large comparison."""
        return [] if self.is_large else points_of(self.shown)

    def points_of(self, name: str) -> list[TestPoints]:
        """Return the compared points of a test type, column by column."""
        return [found for found in self.points if found.test_type == name]

    def grades(self, name: str) -> dict[str, str | None]:
        """Return the grades of the results of a test type, by the letters of the columns that have one."""
        tests = {column.letter: column.tests.get(name) for column in self.shown}
        return {letter: test.grade for letter, test in tests.items() if test and test.headline}

    @cached_property
    def facts(self) -> list[ColumnFact]:
        return differences.facts(self.alternatives)

    @cached_property
    def unlike_options(self) -> list[ColumnFact]:
        return differences.option_facts(self.alternatives, self.against)

    @cached_property
    def summary(self) -> Summary:
        return summary.summary(self.tests, self.names)

    @cached_property
    def methods(self) -> list[str]:
        return methods.sentences(self.tests, self.shown, self.against, self.names)

    @cached_property
    def together(self) -> str:
        return methods.together(self.tests)
