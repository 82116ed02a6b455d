"""The order of a test's points, from which their numbers follow. They are measured in random order."""

from collections.abc import Iterable

from common.catalogue.test_type import Point
from common.catalogue.test_types import TEST_TYPES


def in_order(points: Iterable[Point], test_type: str, options: object) -> list[Point]:
    """Return the points of a test in the order of its options' values, as they are stored with it.

    Points of which the options say nothing keep their order. Those of an unknown test type do.
    """
    lists = options if isinstance(options, dict) else {}
    declared = TEST_TYPES.get(test_type)
    names = [option.name for option in declared.options] if declared else []
    return sorted(
        points, key=lambda point: [_position(point[name], lists.get(name)) for name in names if name in point]
    )


def _position(value: object, values: object) -> int:
    return values.index(value) if isinstance(values, list) and value in values else 0
