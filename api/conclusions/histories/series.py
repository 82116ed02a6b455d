"""All series of a model: its newest results by test type, host and options, with the open regression of each."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from api.conclusions.histories.comparable_sessions import options_text
from api.conclusions.histories.history_query import Group, metric_of
from api.conclusions.histories.stored_regressions import described
from common.catalogue.metrics import METRICS, Metric
from common.catalogue.test_type import TestType
from common.catalogue.test_types import GROUPS
from common.store.alerts import regressions
from common.store.alerts.regressions import RegressionFilter
from common.store.alerts.tables import Regression
from common.store.database import database
from common.store.earlier.newest.points import ResultPoint, points, versions
from common.store.reads.lists.pages import Page
from common.values.free_json import Json

MAX_TESTS = 120
"""Newest tests of a type that are read, on all hosts together."""
MAX_REGRESSIONS = 100
MAX_KEPT = 1000
"""Models' test types whose results are kept in memory, at some forty kilobytes each."""

Regressions = Mapping[tuple[str, Group], Json]
Results = Mapping[Group, Sequence[ResultPoint]]

_kept: dict[Hashable, tuple[Hashable, Results]] = {}
"""By database, model and test type, with the version that they are of."""


@dataclass(frozen=True)
class Series:
    """The newest results of one test type on one host with one set of options, oldest first, by its headline metric.

    `regression` is the open one, as the routes give it.
    """

    test_type: TestType
    metric: Metric
    host: str
    options: str
    results: Sequence[ResultPoint]
    regression: Json | None

    @property
    def values(self) -> list[float]:
        """The medians."""
        return [result.value for result in self.results if result.value is not None]

    @property
    def begins(self) -> int | None:
        """The position of the first session of the regression, None if it is not among these."""
        first = self.regression["first_session"] if self.regression else None
        return next((at for at, result in enumerate(self.results) if result.session_id == first), None)


def series_of(model: str, test_types: Iterable[str]) -> list[Series]:
    """Return the series of a model, by test type in the order in which one would measure them, then by host."""
    known = set(test_types)
    found, _ = regressions.listed(RegressionFilter(model=model), Page(1, MAX_REGRESSIONS))
    of_model = {(each.test_type, (each.host, each.options)): described(each) for each in found if _is_headline(each)}
    wanted = [test_type for test_type in chain(*GROUPS.values()) if test_type.name in known]
    of_types = versions(model, [test_type.name for test_type in wanted])
    return [
        series
        for test_type in wanted
        for series in _series(test_type, _results(model, test_type, of_types[test_type.name]), of_model)
    ]


def _series(test_type: TestType, found: Results, of_model: Regressions) -> Iterator[Series]:
    metric = METRICS[test_type.headline]
    for (host, options), results in found.items():
        yield Series(test_type, metric, host, options, results, of_model.get((test_type.name, (host, options))))


def _results(model: str, test_type: TestType, version: Hashable) -> Results:
    """Return the results with a value by host and options, which are read again when there are others."""
    key = (database.obj, model, test_type.name)
    known, found = _kept.get(key, (None, {}))
    if known != version:
        found = _read(model, test_type)
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        _kept[key] = version, found
    return found


def _read(model: str, test_type: TestType) -> Results:
    groups: dict[Group, list[ResultPoint]] = {}
    for result in points(model, test_type.name, test_type.headline, MAX_TESTS):
        if result.value is not None:
            groups.setdefault((result.host, options_text(result.options)), []).append(result)
    return dict(sorted(groups.items()))


def _is_headline(regression: Regression) -> bool:
    return bool(regression.metric == metric_of(regression.test_type, None).name)
