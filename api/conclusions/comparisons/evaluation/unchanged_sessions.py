"""Unchanged sessions of compared tests, and how far their medians lie apart."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from api.conclusions.comparisons.evaluation.side import Side
from common.catalogue.metrics import Metric
from common.catalogue.test_type import Point
from common.stats.comparing.scales import is_relative
from common.stats.comparing.session_spread import SessionMedian, Spread, spread
from common.store.earlier.unchanged import unchanged_tests
from common.store.earlier.unchanged.near_tests import NearTest

ENOUGH_FREEDOM = 4
"""With less, the spread is rather known better than protected against a change that nobody knows of."""

Measured = tuple[NearTest, SessionMedian]
"""A test, with its median of one metric at one point."""


@dataclass
class UnchangedSessions:
    """The unchanged sessions of tests, read once for each test."""

    _found: dict[int, list[NearTest]] = field(default_factory=dict)
    _medians: dict[Hashable, list[Measured]] = field(default_factory=dict)

    def read(self, sides: Iterable[Side], metric: str | None) -> None:
        """Read the unchanged sessions of all these tests at once, with one metric or all."""
        self._found |= unchanged_tests.unchanged([(side.test, side.conditions) for side in sides], metric)

    def of(self, side: Side) -> list[NearTest]:
        """Return the tests of other sessions under the same conditions."""
        return self._found.get(side.test.id, [])

    def spreads(
        self, sides: tuple[Side, Side], point: Point, metric: Metric, medians: Sequence[SessionMedian]
    ) -> list[Spread]:
        """Return one spread for two sessions of a model, one each for two models, or none if one is unknown.

        `medians` are those of the two sessions, which are in no spread.
        """
        groups = self._groups(sides, point, metric)
        relative = is_relative([one.value for group in [*groups, medians] for one in group], metric.unit)
        if sides[0].test.model == sides[1].test.model:
            found = [spread(groups, relative=relative)]
        else:
            found = [spread([group], relative=relative) for group in groups]
        known = [each for each in found if each is not None]
        return known if len(known) == len(found) else []

    def _groups(self, sides: tuple[Side, Side], point: Point, metric: Metric) -> list[list[SessionMedian]]:
        """Return the medians of the unchanged sessions of each side, or in parts if both sides are unchanged."""
        one, other = (self._with_metric(side, sides, point, metric) for side in sides)
        conditions = {side.conditions for side in sides}
        groups = [one, other] if len(conditions) > 1 else _parts(_once([*one, *other]), sides)
        return [[median for _, median in group] for group in groups]

    def _with_metric(self, side: Side, sides: tuple[Side, Side], point: Point, metric: Metric) -> list[Measured]:
        compared = {each.test.session_id for each in sides}
        return [each for each in self._measured(side, point, metric) if each[0].session_id not in compared]

    def _measured(self, side: Side, point: Point, metric: Metric) -> list[Measured]:
        """Return the tests with their medians, read once for each test, because a baseline is compared often."""
        key = (side.test.id, metric.name, *point.items())
        if key not in self._medians:
            self._medians[key] = [(each, found) for each in self.of(side) if (found := each.at(point, metric.name))]
        return self._medians[key]


def _once(tests: Iterable[Measured]) -> list[Measured]:
    """Return the tests near either side, each once."""
    return list({test.session_id: (test, median) for test, median in tests}.values())


def _parts(tests: Sequence[Measured], sides: tuple[Side, Side]) -> list[list[Measured]]:
    """Return the sessions before both sides, between them and after them, or all together if they are few.

    Something unknown may have changed between the two compared sessions. It must not count as spread.
    """
    earlier, later = sorted(side.test.finished_at for side in sides if side.test.finished_at)
    places = [sum(test.finished_at > moment for moment in (earlier, later)) for test, _ in tests]
    parts = [[test for test, place in zip(tests, places, strict=True) if place == part] for part in range(3)]
    freedom = sum(len(part) - 1 for part in parts if part)
    return parts if freedom >= ENOUGH_FREEDOM else [list(tests)]
