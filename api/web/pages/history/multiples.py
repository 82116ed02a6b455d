"""All series of a model as small lines: a row for each test type, a column for each host."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.conclusions.histories.series import Series
from api.web.pages.charts.sparkline import Sparkline, sparkline
from common.catalogue.test_type import TestType


@dataclass(frozen=True)
class SmallMultiple:
    """A series with its line, None for a single session. `is_only` is True if no other has its type and host."""

    series: Series
    line: Sparkline | None
    is_only: bool

    @property
    def last(self) -> float:
        return self.series.values[-1]


@dataclass(frozen=True)
class Multiples:
    """The lines by test type and host."""

    rows: Mapping[TestType, Mapping[str, Sequence[SmallMultiple]]]

    @property
    def hosts(self) -> list[str]:
        return sorted({host for cells in self.rows.values() for host in cells})


def multiples(found: Iterable[Series]) -> Multiples:
    """Return the lines of all series of a model."""
    cells: dict[TestType, dict[str, list[Series]]] = {}
    for series in found:
        cells.setdefault(series.test_type, {}).setdefault(series.host, []).append(series)
    return Multiples(
        {test_type: {host: _drawn(series) for host, series in by_host.items()} for test_type, by_host in cells.items()}
    )


def _drawn(found: Sequence[Series]) -> list[SmallMultiple]:
    newest_first = sorted(found, key=lambda series: series.results[-1].at, reverse=True)
    return [SmallMultiple(each, sparkline(each.values, each.begins), len(found) == 1) for each in newest_first]
