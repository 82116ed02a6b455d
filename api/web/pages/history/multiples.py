"""All series of a model as small lines: a row for each test type, a column for each host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from api.conclusions.histories.series import Series, series_of
from api.conclusions.histories.stored_regressions import described
from api.web.pages.charts.sparkline import Sparkline, sparkline
from common.catalogue.test_type import TestType
from common.values.free_json import Json


@dataclass(frozen=True)
class SmallMultiple:
    """A series with its line, None for a single session. `is_only` is True if no other has its type and host."""

    series: Series
    line: Sparkline | None
    is_only: bool

    @property
    def last(self) -> float:
        return self.series.values[-1]

    @cached_property
    def regression(self) -> Json | None:
        """The open regression, as the routes give it."""
        return described(self.series.regression) if self.series.regression else None


@dataclass(frozen=True)
class Multiples:
    """The lines by test type and host."""

    rows: Mapping[TestType, Mapping[str, Sequence[SmallMultiple]]]

    @property
    def hosts(self) -> list[str]:
        return sorted({host for cells in self.rows.values() for host in cells})


def multiples(model: str, test_types: Sequence[str]) -> Multiples:
    """Return the lines of all series of a model."""
    cells: dict[TestType, dict[str, list[Series]]] = {}
    for series in series_of(model, test_types):
        cells.setdefault(series.test_type, {}).setdefault(series.host, []).append(series)
    return Multiples(
        {test_type: {host: _drawn(found) for host, found in by_host.items()} for test_type, by_host in cells.items()}
    )


def _drawn(found: Sequence[Series]) -> list[SmallMultiple]:
    newest_first = sorted(found, key=lambda series: series.results[-1].at, reverse=True)
    return [SmallMultiple(each, sparkline(each.values, each.begins), len(found) == 1) for each in newest_first]
