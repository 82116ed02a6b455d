"""`/models/one?model=&host=`: a model on a machine: the answer of every test type, with interval and trend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from flask import redirect, request, url_for
from werkzeug import Response

from api.conclusions.histories.history_query import metric_of
from api.conclusions.machines.capacity import served
from api.conclusions.machines.cost import ENERGY, costs
from api.conclusions.machines.overview import SPEED
from api.http.settings import host_named, settings
from api.web.pages.charts.sparkline import Sparkline, sparkline
from api.web.pages.faults import attempted
from api.web.pages.layout import resource, streamed
from api.web.pages.session.facts import AnswerFact
from common.catalogue.test_type import TestType
from common.catalogue.test_types import GROUPS
from common.errors import Unavailable
from common.records.answers import answer
from common.records.test_metrics import TestMetrics
from common.store.earlier import history
from common.store.earlier.newest import newest
from common.store.earlier.newest.newest import MetricKey, NewestTest, StoredResult
from common.store.earlier.newest.trend import known_values
from common.store.reads import sessions
from common.values.units import model_name, now

TREND = 40
"""Sessions of a trend."""


@dataclass(frozen=True)
class Answer:
    """What the newest result says to a test type's question.

    `trend` has the values of its headline metric, with those of earlier results with these options.
    """

    test_type: TestType
    fact: AnswerFact
    result: StoredResult
    age: timedelta
    trend: Sparkline | None


@resource.get("/models/one")
def model() -> Iterator[str] | Response:
    """Send the page. Without a machine, it is the one of the newest result. Without a model, all models are shown."""
    if not request.args.get("model"):
        return redirect(url_for("pages.models"))
    name = model_name(request.args["model"])
    host = request.args.get("host") or _newest_host(name)
    read = attempted("Results", lambda: _answers(name, host), passing=(Unavailable,))
    return streamed(
        "models/one_model.html",
        model=name,
        host=host,
        hosts=list(dict.fromkeys([host, *settings().ollama_hosts])),
        groups={group: _of_group(read or [], group) for group in GROUPS},
        missing=_missing(read or []),
        price=settings().price_per_kwh,
        elsewhere=attempted("Other machines", partial(_elsewhere, name, host)) or [],
        **_load(name, host),
        is_readable=read is not None,
    )


def _newest_host(name: str) -> str:
    """Return the host where the model's speed was measured last, else the first host."""
    tests = attempted("Newest result", lambda: newest.newest(SPEED, model=name)) or []
    return max(tests, key=lambda test: test.at).host if tests else host_named(None)


def _elsewhere(name: str, host: str) -> list[StoredResult]:
    """Return the newest speed of the model on each other host, the fastest first."""
    tests = [test for test in newest.newest(SPEED, model=name) if test.host != host]
    found = newest.results(tests, metric_of(SPEED, None).name)
    return sorted((each for each in found if each.value is not None), key=lambda each: -(each.value or 0.0))


def _load(name: str, host: str) -> dict[str, object]:
    """Return how many users the model serves, and what its tokens cost."""
    many = attempted("Users at once", lambda: served(host, name)) or []
    tests = newest.newest(SPEED, model=name, host=host)
    energies = newest.results(tests, ENERGY)
    known = costs(next(iter(energies), None), next(iter(many), None), settings().price_per_kwh)
    return {"served": many, "costs": known}


def _of_group(answers: Sequence[Answer], group: str) -> list[Answer]:
    return [answer for answer in answers if answer.test_type in GROUPS[group]]


def _missing(answers: Sequence[Answer]) -> list[TestType]:
    """Return the test types that have not been measured there."""
    measured = {answer.test_type.name for answer in answers}
    return [each for group in GROUPS.values() for each in group if each.name not in measured]


def _answers(model: str, host: str) -> list[Answer]:
    measured = history.test_types(model)
    known = [each for group in GROUPS.values() for each in group if each.name in measured]
    tests = newest.latest_of([each.name for each in known], model, host, TREND)
    of_newest = sessions.metrics(found[0].id for found in tests.values() if found)
    return [
        _answer(each, result, of_newest[result.test.id], tests[each.name])
        for each in known
        for result in newest.results(tests[each.name][:1], metric_of(each.name, None).name)
    ]


def _answer(
    test_type: TestType, result: StoredResult, metrics: TestMetrics, newest_first: Sequence[NewestTest]
) -> Answer:
    metric = metric_of(test_type.name, None)
    alike = [test for test in reversed(newest_first[1:]) if test.options == result.test.options]
    values = known_values([MetricKey(test.id, test.session_id, metric.name) for test in alike])
    last = [] if result.value is None else [result.value]
    fact = AnswerFact(answer(test_type.name, metrics))
    return Answer(test_type, fact, result, now() - result.test.at, sparkline([*values, *last]))
