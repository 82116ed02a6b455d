"""What repeated sessions show: how far they lie apart, which changes are visible, and how many runs help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.stats.comparing.between_sessions import detectable
from common.stats.comparing.scales import is_relative, shown
from common.stats.comparing.session_spread import SessionMedian, Spread, spread
from common.stats.distribution import Distribution
from common.store.reads import sessions as stored_sessions
from common.store.tables import Session, Status, Test

NARROWED = 0.21
"""Share of the variance between sessions that the runs' noise may add: the smallest visible change grows by 10 %."""


@dataclass(frozen=True)
class RepeatedTest:
    """A model under one test type in all the sessions, by the metric that represents it.

    `spread` is the standard deviation of the sessions' medians, and `smallest_change` the smallest change between two
    sessions that would be found in four of five cases, in percent if `relative`, else in the metric's unit. From
    `useful_runs` runs on, further runs of a session narrow it by less than a tenth. All are None if too few sessions
    have ended, `useful_runs` also if the sessions lie no further apart than their runs do.
    """

    model: str
    test_type: str
    metric: str
    unit: str
    medians: Sequence[float]
    relative: bool
    spread: float | None
    smallest_change: float | None
    useful_runs: int | None


@dataclass(frozen=True)
class RepeatedSessions:
    """The sessions that were submitted together on one host, in their order, and what those that ended show."""

    sessions: Sequence[str]
    ended: int
    tests: Sequence[RepeatedTest]


def repeated(session: Session) -> RepeatedSessions:
    """Return what the repeats of a session show, itself among them."""
    together = stored_sessions.repeats(session)
    completed = stored_sessions.completed([one.id for one in together])
    headlines = stored_sessions.headlines(test.id for test in completed)
    tests = [
        _test(model["name"], test_type, completed, headlines)
        for model in session.models
        for test_type in session.test_types
        if test_type in TEST_TYPES
    ]
    ended = sum(one.status != Status.RUNNING for one in together)
    return RepeatedSessions([one.id for one in together], ended, [test for test in tests if test.medians])


def _test(model: str, test_type: str, completed: Sequence[Test], headlines: Mapping[int, Distribution]) -> RepeatedTest:
    own = [test.id for test in completed if (test.model, test.test_type) == (model, test_type)]
    found = (headlines[test] for test in own if test in headlines)
    medians = [median for each in found if (median := SessionMedian.of(each))]
    metric = METRICS[TEST_TYPES[test_type].headline]
    values = [median.value for median in medians]
    relative = is_relative(values, metric.unit)
    return RepeatedTest(
        model, test_type, metric.name, metric.unit, values, relative, *_visible(spread([medians], relative=relative))
    )


def _visible(found: Spread | None) -> tuple[float | None, float | None, int | None]:
    """Return the spread, the smallest change and the useful runs."""
    if found is None:
        return None, None, None
    return shown(found.deviation, relative=found.relative), detectable([found]), _useful_runs(found)


def _useful_runs(found: Spread) -> int | None:
    between = found.variance - (found.within or 0.0)
    return None if found.of_run is None or between <= 0 else ceil(found.of_run / (NARROWED * between))
