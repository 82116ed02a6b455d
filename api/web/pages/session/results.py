"""The results of a session as parts of HTML. Each part is cached until one of its tests changes its state."""

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain

from cachetools import LRUCache
from flask import render_template, request
from markupsafe import Markup

from api.web.pages.charts import charted_metrics, charted_readings
from api.web.pages.colours import model_series
from api.web.pages.faults import guarded
from api.web.pages.measured_test import MeasuredTest, downsampled
from api.web.pages.session import verdicts
from api.web.pages.session.overview import OverviewRow, overview
from api.web.pages.session.ranking import ranking
from api.web.pages.session.sections import ModelCell, TestTypeSection
from common.catalogue.test_types import TEST_TYPES
from common.errors import Unavailable
from common.records.test_metrics import TestMetrics
from common.records.verdicts import VerdictRecord
from common.store.reads import runs as stored_runs
from common.store.reads import sessions
from common.store.reads.runs import RunMetrics, TestRuns
from common.store.tables import Session, Status, Test

State = tuple[tuple[Hashable, ...], ...]
"""The states of some tests."""

CACHE_SIZE = 256
"""Maximum number of cached parts: sixteen sessions of all test types. A part with ten models takes 0.2 MB."""

_cache: LRUCache[Hashable, Markup] = LRUCache(CACHE_SIZE)


def parts(session: Session) -> Iterator[Markup]:
    """Return the summary, then each test type. The tests of `session` need no metrics loaded.

    The summary is rendered at once, before anything is sent, so that a database that is away gets an error page.
    """
    results = Results(session)
    summary = guarded("Results", partial(_summary, results), passing=(Unavailable,))
    return chain([summary], _sections(results))


def _summary(results: "Results") -> Markup:
    session = results.session
    return _rendered((session.id, session.pruned_at, *_states(session).values()), results.top)


def _sections(results: "Results") -> Iterator[Markup]:
    session, states = results.session, _states(results.session)
    newest = stored_runs.newest_lines(session.id) if session.status == Status.RUNNING else {}
    for test_type, state in states.items():
        lines = tuple(newest.get(test.id) for test in results.tests(test_type))
        key = (session.id, session.pruned_at, state, lines)
        yield guarded(test_type, partial(_rendered, key, partial(results.section, test_type)))


def _states(session: Session) -> dict[str, State]:
    """Of the tests of each type."""
    states: dict[str, State] = dict.fromkeys(session.test_types, ())
    for test in session.tests:
        state = (test.id, test.status, test.phase, test.finished_at)
        states[test.test_type] = (*states.get(test.test_type, ()), state)
    return states


def _rendered(key: Hashable, render: Callable[[], str]) -> Markup:
    key = (request.script_root, key)  # links begin with it
    html = _cache.get(key)
    if html is None:
        _cache[key] = html = Markup(render())  # noqa: S704 - rendered by a template that escapes
        time.sleep(0)  # lets other requests proceed, because a large session takes some tenths of a second
    return html


def _found(tests: Iterable[Test]) -> dict[int, list[VerdictRecord]]:
    """Return the verdicts on the tests that have failed, which have no metrics with them."""
    failed = [test.id for test in tests if test.status == Status.ERROR]
    return sessions.verdicts(failed) if failed else {}


def _by_point(found: TestRuns) -> list[list[RunMetrics]]:
    by_point: list[list[RunMetrics]] = [[] for _ in found.points]
    for run in found.runs:
        by_point[run.point].append(run)
    return by_point


class Results:
    """The results of a session, read from the database when they are needed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._metrics: dict[int, TestMetrics] = {}

    @cached_property
    def _series(self) -> dict[str, int]:
        """The series of the models by their names."""
        return model_series(model["name"] for model in self.session.models)

    def tests(self, test_type: str) -> list[Test]:
        return [test for test in self.session.tests if test.test_type == test_type]

    def top(self) -> str:
        """Render the findings and the overview of all tests."""
        sections = self._without_runs()
        return render_template(
            "session/summary.html",
            session=self.session,
            ranking=ranking(sections),
            overview=overview(sections),
            cautions=verdicts.cautions((each.test_type, test) for each in sections for test in each.measured),
            findings=self._findings(sections),
        )

    def overview(self) -> list[OverviewRow]:
        """Return a row for each test type, with the results of all models, and without their runs."""
        return overview(self._without_runs())

    def _without_runs(self) -> list[TestTypeSection]:
        self._read(self.session.tests)
        return [TestTypeSection(name, "", self._cells(name, {}, {}, {})) for name in self.session.test_types]

    def section(self, test_type: str) -> str:
        """Render a test type with all models; empty until one of its tests has ended."""
        section = self.read(test_type, with_logs=True)
        is_alone = len(self.session.test_types) == 1
        return render_template("session/section.html", section=section, is_alone=is_alone) if section.has_ended else ""

    def read(self, test_type: str, *, with_logs: bool) -> TestTypeSection:
        """Return a test type with all models, and with their log lines if wanted."""
        tests = self.tests(test_type)
        self._read(tests)
        declared = TEST_TYPES.get(test_type)
        question = declared.question if declared else ""
        headlines = {self._metrics[test.id].headline_name for test in tests if test.id in self._metrics}
        metrics = headlines | charted_metrics(test_type)
        logs = stored_runs.logs(test.id for test in tests) if with_logs else {}
        cells = self._cells(test_type, stored_runs.metrics(tests, metrics), logs, _found(tests))
        return TestTypeSection(test_type, question, cells)

    def _read(self, tests: Sequence[Test]) -> None:
        """Read the metrics of completed tests that were not read yet."""
        completed = [test.id for test in tests if test.status == Status.COMPLETED and test.id not in self._metrics]
        self._metrics |= sessions.metrics(completed) if completed else {}

    def _cells(
        self,
        test_type: str,
        runs: Mapping[int, TestRuns],
        logs: Mapping[int, list[str]],
        found: Mapping[int, list[VerdictRecord]],
    ) -> list[ModelCell]:
        return [
            ModelCell(
                test,
                self._series[test.model],
                self._measured(test, runs.get(test.id, TestRuns())),
                logs.get(test.id, []),
                found.get(test.id, []),
            )
            for test in self.tests(test_type)
        ]

    def _measured(self, test: Test, found: TestRuns) -> MeasuredTest | None:
        metrics = self._metrics.get(test.id)
        if metrics is None:
            return None
        shown = [run for of_point in _by_point(found) for run in downsampled(of_point, metrics.headline_name)]
        left_out = len(found.runs) - len(shown)
        some = [run.repetition for run in shown] if left_out else None
        readings = charted_readings(test.test_type)
        during = stored_runs.machine_during_runs(test.id, readings, some) if found.runs and readings else []
        return MeasuredTest(test.model, self._series[test.model], metrics, found.points, shown, during, left_out)

    def _findings(self, sections: Sequence[TestTypeSection]) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the findings: (model, [(test type, sentence)]) for each model that has any."""
        by_model: dict[str, list[tuple[str, str]]] = {model: [] for model in self._series}
        for section in sections:
            for test in section.measured:
                if test.metrics.finding:
                    by_model[test.model].append((section.test_type, test.metrics.finding))
        return [(model, sentences) for model, sentences in by_model.items() if sentences]
