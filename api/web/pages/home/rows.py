"""The rows of the list of sessions: one for each series, with its state, its newest numbers and their trend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from api.http.settings import settings
from api.web.pages.charts.sparkline import Sparkline, sparkline
from api.web.pages.faults import attempted
from api.web.pages.layout import resource
from common.catalogue.verdicts.verdict_type import Grade
from common.errors import Unavailable
from common.stats.distribution import Distribution
from common.store.reads.lists.headlines import HeadlineResult, headline_metrics
from common.store.reads.lists.series import ListedSession, SessionGroup
from common.store.reads.lists.tests import Cell, ListedTest, SameTest, listed_tests, same_tests
from common.store.reads.states import State, state_of
from common.store.tables import Phase, Session, Status
from common.values.free_json import Json

MAX_RESULTS = 3
"""Maximum number of results in the row of a session. The others are on its own page."""
MAX_EARLIER = 8
"""Other sessions of a series that its row opens to."""


@dataclass(frozen=True)
class RowData:
    """What the rows of a page are made of: sessions, tests and results by their ids."""

    sessions: Mapping[str, Session]
    tests: Mapping[str, list[ListedTest]]
    same: Mapping[str, SameTest]
    results: Mapping[int, HeadlineResult]
    is_readable: bool


@dataclass(frozen=True)
class ShownResult:
    """A completed test with the `statistic` of its headline metric, and its grade."""

    test: ListedTest
    statistic: Distribution
    grade: str | None


@dataclass(frozen=True)
class ShownValue:
    """The headline metric of a test in a session of a series."""

    session: ListedSession
    value: float
    unit: str
    grade: str | None


@dataclass(frozen=True)
class MachineTrend:
    """The newest value of a series on a machine, and the trend of those with the same options."""

    host: str
    newest: ShownValue
    trend: Sparkline | None


@dataclass(frozen=True)
class SessionRow:
    """A row of the list: the session `shown`, and what is known of its series.

    `progress` is in percent. `cell` is what the values of `machines` measure, None without them. `further` counts the
    results that are not shown. `queued` counts the sessions of the series that wait besides the shown one.
    """

    group: SessionGroup
    session: Session
    shown: ListedSession
    state: State
    progress: float
    tests: int
    failed: int
    results: list[ShownResult]
    cell: Cell | None
    machines: list[MachineTrend]
    further: int
    queued: int
    values: Mapping[str, ShownValue]

    @property
    def shown_values(self) -> object:
        """What the row shows, to be compared. peewee compares rows of a table by their ids alone."""
        return self, self.session.__data__

    @property
    def earlier(self) -> list[ListedSession]:
        """The other sessions that the row opens to."""
        return [session for session in self.group.sessions if session is not self.shown][:MAX_EARLIER]


def read(groups: Sequence[SessionGroup]) -> RowData:
    """Read what the rows of these groups show, with a few queries."""
    shown = [shown_of(group).id for group in groups]
    found = {session.id: session for session in Session.select().where(Session.id.in_(shown))}
    tests = listed_tests(shown)
    cells = {group.key: _cell(tests.get(shown_of(group).id, ())) for group in groups if len(group.sessions) > 1}
    wanted = {each.id: cell for group in groups if (cell := cells.get(group.key)) for each in group.sessions}
    same = {test.session: test for test in same_tests(wanted)}
    alone = [shown_of(group).id for group in groups if len(group.sessions) == 1]
    first = [test.id for session in alone for test in _first(tests.get(session, ()))]
    results = attempted("Results", partial(_results, first, [test.id for test in same.values()]), (Unavailable,))
    return RowData(found, tests, same, results or {}, results is not None)


def _results(single: Sequence[int], same: Sequence[int]) -> dict[int, HeadlineResult]:
    return {**headline_metrics(single, statistics=True), **headline_metrics(same)}


def shown_of(group: SessionGroup) -> ListedSession:
    """Return the session of a series that its row shows: one that runs, or else the newest."""
    return next((each for each in group.sessions if state_of(each) == State.RUNNING), group.sessions[0])


@resource.app_template_global()
def row_of(group: SessionGroup, data: RowData) -> SessionRow:
    """Return the row of a series."""
    shown = shown_of(group)
    tests = data.tests.get(shown.id, [])
    first = _first(tests)
    completed = sum(test.status == Status.COMPLETED for test in tests)
    values = {each.id: value for each in group.sessions if (value := _value(each, data))}
    machines = _machines(group, values, data)
    results = [found for test in first if test.id in data.results and (found := _result(test, data))]
    return SessionRow(
        group,
        data.sessions[shown.id],
        shown,
        state_of(shown),
        100 * sum(test.status != Status.RUNNING for test in tests) / max(1, len(tests)),
        len(tests),
        sum(test.status == Status.ERROR for test in tests) if shown.phase != Phase.CANCELLED else 0,
        [] if machines else results,
        _cell(tests) if machines else None,
        machines,
        max(0, completed - (1 if machines else len(first))),
        sum(state_of(each) == State.QUEUED for each in group.sessions if each is not shown),
        values,
    )


def badge_of(session: ListedSession) -> str:
    """Return the look of a session's state. Only completed ones whose results are all clean look like a success."""
    state = state_of(session)
    is_doubtful = session.message or session.grade != Grade.CLEAN
    return "doubtful" if state == State.COMPLETED and is_doubtful else state


def _cell(tests: Sequence[ListedTest]) -> Cell | None:
    """Return what stands for a session: its first completed test, or else its first."""
    first = next((test for test in tests if test.status == Status.COMPLETED), next(iter(tests), None))
    return Cell(first.model, first.test_type) if first else None


def _first(tests: Sequence[ListedTest]) -> list[ListedTest]:
    """Return the tests whose results are in the row: of several models, only one."""
    completed = [test for test in tests if test.status == Status.COMPLETED]
    return completed[: MAX_RESULTS if len({test.model for test in tests}) == 1 else 1]


def _result(test: ListedTest, data: RowData) -> ShownResult | None:
    metrics, grade = data.results[test.id]
    statistic = (metrics.get("statistics") or {}).get((metrics.get("headline") or {}).get("name"))
    return ShownResult(test, statistic, grade) if statistic else None


def _value(session: ListedSession, data: RowData) -> ShownValue | None:
    test = data.same.get(session.id)
    if test is None or test.id not in data.results:
        return None
    metrics, grade = data.results[test.id]
    headline: Json = metrics.get("headline") or {}
    value = metrics.get(headline.get("name", ""))
    return None if value is None else ShownValue(session, value, headline.get("unit", ""), grade)


def _machines(group: SessionGroup, values: Mapping[str, ShownValue], data: RowData) -> list[MachineTrend]:
    """Return the trend on each machine, those of the settings first."""
    by_host: dict[str, list[ShownValue]] = {host: [] for host in settings().ollama_hosts}
    for each in group.sessions:
        if value := values.get(each.id):
            by_host.setdefault(each.host, []).append(value)
    return [_trend(host, found, data) for host, found in by_host.items() if found]


def _trend(host: str, newest_first: Sequence[ShownValue], data: RowData) -> MachineTrend:
    newest = newest_first[0]
    options = data.same[newest.session.id].options
    alike = [each.value for each in newest_first if data.same[each.session.id].options == options]
    return MachineTrend(host, newest, sparkline(alike[::-1]))
