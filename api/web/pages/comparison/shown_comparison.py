"""A comparison as the page shows it: a fault costs the test type that it is in."""

from collections.abc import Iterable, Sequence
from functools import cached_property, partial

from api.conclusions.comparisons.columns import test_types
from api.conclusions.comparisons.compared_tests import ComparedTest
from api.conclusions.comparisons.comparison import Comparison
from api.conclusions.comparisons.words.differences import ColumnFact
from api.web.pages.comparison import sections
from api.web.pages.comparison.bars import BarScale
from api.web.pages.comparison.notices import Notice, notices
from api.web.pages.comparison.sections import Answers, ComparedSection
from api.web.pages.faults import attempted
from api.web.pages.presentation.titles import machine_in_short


class ShownComparison(Comparison):
    """A comparison whose verdicts are computed when the page reaches them, after the top of the page was sent."""

    @cached_property
    def _by_type(self) -> dict[str, ComparedTest | None]:
        """The test types, None if a fault occurred."""
        return {name: attempted(name, partial(self.test, name)) for name in test_types(self.shown)}

    def _made(self) -> Iterable[ComparedTest]:
        return filter(None, self._by_type.values())

    @cached_property
    def answers(self) -> list[Answers]:
        """The answers to the questions of the test types."""
        return sections.answers(self.tests, self.alternatives)

    @cached_property
    def scale(self) -> BarScale:
        """The scale on which the changes of the answers are drawn."""
        return BarScale.of(cell for answer in self.answers for row in answer.rows for cell in row.cells)

    @cached_property
    def rows(self) -> Sequence[str]:
        """The models in the rows of the tables, if there are several."""
        found = list(dict.fromkeys(row for one in self.alternatives for row in one.columns))
        return found if len(found) > 1 else []

    @cached_property
    def notices(self) -> list[Notice]:
        return list(notices(self))

    @cached_property
    def _shown_tests(self) -> dict[str, ComparedSection | None]:
        """The sections, None if a fault occurred; none of a large comparison."""
        make = {test.name: partial(sections.section, test, self.alternatives) for test in self.tests}
        return {} if self.is_large else {name: attempted(name, made) for name, made in make.items()}

    @property
    def sections(self) -> list[ComparedSection]:
        return [section for section in self._shown_tests.values() if section]

    @property
    def faults(self) -> list[str]:
        """The test types that could not be compared or shown."""
        shown = self._by_type if self.is_large else self._shown_tests
        return [name for name in self._by_type if shown.get(name) is None]

    @property
    def machines(self) -> dict[str, list[str]]:
        """The hosts by the hardware of their machines, in short; that of several sessions stands once."""
        found: dict[str, list[str]] = {}
        for column in self.shown:
            hosts = found.setdefault(machine_in_short(column.session), [])
            if column.session.host not in hosts:
                hosts.append(column.session.host)
        return found

    @cached_property
    def unlike(self) -> list[ColumnFact]:
        """The facts and options in which the alternatives differ."""
        return [*(fact for fact in self.facts if fact.differs), *self.unlike_options]
