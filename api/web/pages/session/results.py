"""The results of a session as parts of HTML. Each part is cached until one of its tests changes its state."""

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from cachetools import LRUCache
from flask import render_template, request
from markupsafe import Markup

from api.http.settings import settings
from api.web.pages.charts import charted_metrics, charted_readings
from api.web.pages.faults import attempted, guarded
from api.web.pages.presentation.colours import model_series
from api.web.pages.session.measured_test import MeasuredTest, downsampled
from api.web.pages.session.sections import ModelCell, TestTypeSection
from api.web.pages.session.summary.hero import hero
from api.web.pages.session.summary.overview import OverviewRow, overview
from api.web.pages.session.summary.pictures import pictures
from api.web.pages.session.summary.ranking import Ranking, ranking
from api.web.pages.session.trust.cautions import Caution, cautions
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

BREAK = Markup("<!-- runs and logs -->")
"""Separates the results of a rendered test type from its runs, which are elsewhere on the page."""

_cache: LRUCache[Hashable, Markup] = LRUCache(CACHE_SIZE)


class Parts:
    """The parts of a session's page: the summary, each test type, and the runs and logs of each.

    The summary is rendered at once, before anything is sent, so that a database that is away gets an error page. The
    tests of the session need no metrics loaded.
    """

    def __init__(self, session: Session) -> None:
        results = Results(session)
        self._summary = guarded("Results", partial(_summary, results), passing=(Unavailable,))
        self._sections = _sections(results)
        self._runs: list[Markup] = []

    def results(self) -> Iterator[Markup]:
        """Yield the summary and each test type, each as soon as it is rendered."""
        yield self._summary
        for section in self._sections:
            html, _, runs = section.partition(BREAK)
            self._runs.append(runs)
            yield html

    def runs(self) -> Iterator[Markup]:
        """Yield the runs and logs of the test types whose results have been yielded."""
        yield from self._runs


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


def _findings(sections: Sequence[TestTypeSection], ranked: Ranking | None) -> list[TestTypeSection]:
    """Return the measured test types, without those of one point whose number is in the ranking."""
    shown = ranked.test_types if ranked else ()
    measured = (section for section in sections if section.measured)
    return [each for each in measured if each.test_type not in shown or each.measured[0].metrics.points]


class Results:
    """The results of a session, read from the database when they are needed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._metrics: dict[int, TestMetrics] = {}
        self._runs: dict[str, Mapping[int, TestRuns]] = {}
        """The runs of the test types that the summary has read, until their own sections are rendered."""

    @cached_property
    def _series(self) -> dict[str, int]:
        """The series of the models by their names."""
        return model_series(model["name"] for model in self.session.models)

    @property
    def _sizes(self) -> dict[str, int]:
        """The known sizes of the models in bytes."""
        return {model["name"]: model["size"] for model in self.session.models if model.get("size")}

    def tests(self, test_type: str) -> list[Test]:
        return [test for test in self.session.tests if test.test_type == test_type]

    def top(self) -> str:
        """Render the ranking of the models, the overview of all tests, and what limits the trust in them."""
        sections = self._without_runs
        ranked = ranking(sections)
        return render_template(
            "session/summary/summary.html",
            session=self.session,
            sections=sections,
            ranking=ranked,
            price=settings().price_per_kwh,
            hero=hero(ranked, sections),
            pictures=attempted("Charts", partial(pictures, ranked, sections, self._sizes, self._with_runs)) or [],
            overview=overview(sections, ranked),
            order=[each.model for each in ranked.models] if ranked else list(self._series),
            findings=_findings(sections, ranked),
            cautions=cautions(sections),
        )

    def cautions(self) -> list[Caution]:
        """Return what limits the trust in the results."""
        return cautions(self._without_runs)

    def overview(self) -> list[OverviewRow]:
        """Return a row for each test type, with the results of all models, and without their runs."""
        return overview(self._without_runs)

    @cached_property
    def _without_runs(self) -> list[TestTypeSection]:
        """The test types without their runs."""
        self._read(self.session.tests)
        found = _found(self.session.tests)
        return [TestTypeSection(name, self._cells(name, {}, {}, found)) for name in self.session.test_types]

    def section(self, test_type: str) -> str:
        """Render a test type with all models, then its runs; empty until one of its tests has ended."""
        section = self.read(test_type, with_logs=True)
        if not section.has_ended:
            return ""
        parts = (render_template(f"session/results/{name}.html", section=section) for name in ("section", "runs"))
        return BREAK.join(Markup(part) for part in parts)  # noqa: S704 - rendered by templates that escape

    def _with_runs(self, test_type: str) -> TestTypeSection:
        """Return a test type with all models. Its runs are kept until it is read for its own section."""
        runs = self._runs[test_type] = self._read_runs(test_type)
        return self._section(test_type, runs, {})

    def read(self, test_type: str, *, with_logs: bool) -> TestTypeSection:
        """Return a test type with all models, and with their log lines if wanted."""
        runs = self._runs.pop(test_type) if test_type in self._runs else self._read_runs(test_type)
        logs = stored_runs.logs(test.id for test in self.tests(test_type)) if with_logs else {}
        return self._section(test_type, runs, logs)

    def _read_runs(self, test_type: str) -> Mapping[int, TestRuns]:
        tests = self.tests(test_type)
        self._read(tests)
        headlines = {self._metrics[test.id].headline_name for test in tests if test.id in self._metrics}
        return stored_runs.metrics(tests, headlines | charted_metrics(test_type))

    def _section(self, test_type: str, runs: Mapping[int, TestRuns], logs: Mapping[int, list[str]]) -> TestTypeSection:
        cells = self._cells(test_type, runs, logs, _found(self.tests(test_type)))
        return TestTypeSection(test_type, cells)

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
