"""All series of a model: its newest results by test type, host and options, with the open regression of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from api.histories.asked import Group, metric_of
from api.histories.groups import options_text
from common.catalogue.metrics import Metric
from common.catalogue.test_type import TestType
from common.catalogue.test_types import GROUPS
from common.store.alerts import regressions
from common.store.alerts.regressions import RegressionFilter
from common.store.alerts.tables import Regression
from common.store.earlier import newest
from common.store.earlier.newest import StoredResult
from common.store.reads.lists.pages import Page

MAX_TESTS = 120
"""Newest tests of a type that are read, on all hosts together."""
MAX_REGRESSIONS = 100

Regressions = Mapping[tuple[str, Group], Regression]


@dataclass(frozen=True)
class Series:
    """The newest results of one test type on one host with one set of options, oldest first, by its headline metric."""

    test_type: TestType
    metric: Metric
    host: str
    options: str
    results: Sequence[StoredResult]
    regression: Regression | None

    @property
    def values(self) -> list[float]:
        """The medians."""
        return [value for result in self.results if (value := _value(result)) is not None]

    @property
    def begins(self) -> int | None:
        """The position of the first session of the regression, None if it is not among these."""
        first = self.regression.first if self.regression else None
        return next((at for at, result in enumerate(self.results) if result.test.session_id == first), None)


def series_of(model: str, test_types: Iterable[str]) -> list[Series]:
    """Return the series of a model, by test type in the order in which one would measure them, then by host."""
    known = set(test_types)
    found, _ = regressions.listed(RegressionFilter(model=model), Page(1, MAX_REGRESSIONS))
    of_model = {(each.test_type, (each.host, each.options)): each for each in found if _is_headline(each)}
    wanted = [test_type for test_type in chain(*GROUPS.values()) if test_type.name in known]
    return [series for test_type in wanted for series in _of_type(model, test_type, of_model)]


def _of_type(model: str, test_type: TestType, found: Regressions) -> Iterator[Series]:
    metric = metric_of(test_type.name, None)
    groups: dict[Group, list[StoredResult]] = {}
    for result in newest.results(newest.latest(model, test_type.name, MAX_TESTS), metric.name):
        if _value(result) is not None:
            groups.setdefault((result.test.host, options_text(result.test.options)), []).append(result)
    for (host, options), results in sorted(groups.items()):
        yield Series(test_type, metric, host, options, results, found.get((test_type.name, (host, options))))


def _is_headline(regression: Regression) -> bool:
    return bool(regression.metric == metric_of(regression.test_type, None).name)


def _value(result: StoredResult) -> float | None:
    return result.statistic["value"] if result.statistic else None
