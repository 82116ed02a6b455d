"""`/history?model=&testType=&host=&metric=&options=&from=&to=`: one model and test type over time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import request, url_for
from marshmallow import ValidationError

from api.histories.groups import comparable_groups
from api.histories.history import History
from api.histories.sentences import outlook, sentence
from api.http.errors import refuse_fields
from api.http.settings import settings
from api.schemas.results import Day
from api.web.pages.faults import attempted
from api.web.pages.history.timeline import HistoryTimeline
from api.web.pages.layout import resource, streamed
from common.catalogue.metrics import METRICS, Metric
from common.catalogue.test_types import TEST_TYPES
from common.errors import Unavailable
from common.store.earlier import history as stored_history
from common.store.earlier.history import HistoryEntry
from common.units import iso, model_name

MAX_SESSIONS = 200
"""Maximum number of sessions on one page, the newest of the window."""
FALLBACK = "tokensPerSecond"
"""The metric of a test type of another release."""


@resource.get("/history")
def history() -> Iterator[str]:
    """Send the page; the steps, which take some time to find, are computed when the page reaches them."""
    model, test_type, types = _model_and_test_type()
    metric = _metric(test_type)
    host = request.args.get("host") or None
    start, end = _day("from", last=False), _day("to", last=True)

    def read() -> dict[str, Any]:
        entries = stored_history.history(
            model, test_type, metric.name, host=host, start=start, end=end, limit=MAX_SESSIONS
        )
        return _shown(model, test_type, metric, entries)

    shown = attempted("Sessions", read, passing=(Unavailable,))
    found = shown["found"] if shown else []
    return streamed(
        "history.html",
        model=model,
        test_type=test_type,
        asked_type=request.args.get("testType") or test_type,
        metric=metric,
        models=stored_history.models(),
        test_types=types,
        metrics=METRICS.values(),
        hosts=sorted({*settings().ollama_hosts, *(session.host for session in found), *([host] if host else [])}),
        host=host,
        older=iso(found[0].at) if len(found) == MAX_SESSIONS else None,
        link=_link,
        is_readable=shown is not None,
        **(shown or _shown(model, test_type, metric, [])),
    )


def _model_and_test_type() -> tuple[str, str, list[str]]:
    """Return the model, the test type, and all test types that the model has completed.

    A missing model is that of the test that completed last. A missing test type, or one that the model has never
    completed, is that of the same test if it fits, otherwise the model's first.
    """
    model, test_type = request.args.get("model", ""), request.args.get("testType", "")
    last_model, last_type = stored_history.newest() or ("", "")
    model = model_name(model) if model else last_model
    types = stored_history.test_types(model)
    fitting = [name for name in (test_type, last_type, *types) if name in types]
    return model, next(iter(fitting), test_type), types


def _metric(test_type: str) -> Metric:
    """Return the requested metric, or the headline metric of the test type."""
    known = TEST_TYPES.get(test_type)
    name = request.args.get("metric") or (known.headline if known else FALLBACK)
    if name not in METRICS:
        refuse_fields({"metric": [f"{name} is not a metric. Metrics: {', '.join(METRICS)}."]})
    return METRICS[name]


def _day(name: str, *, last: bool) -> datetime | None:
    given = request.args.get(name)
    try:
        return Day(last=last).deserialize(given) if given else None
    except ValidationError as error:
        refuse_fields({name: error.messages})


def _shown(model: str, test_type: str, metric: Metric, found: list[HistoryEntry]) -> dict[str, Any]:
    """Return the requested group of sessions, or that of the newest session, and the sizes of the other groups."""
    groups = comparable_groups(found)
    options = request.args.get("options")
    chosen = next((group for group in groups if options in {None, group[1]}), None)
    return {
        "found": found,
        "group": chosen,
        "others": {group: len(sessions) for group, sessions in groups.items() if group != chosen},
        "without_value": len(found) - sum(map(len, groups.values())),
        "timeline": HistoryTimeline(History(model, test_type, metric, groups[chosen] if chosen else [])),
        "outlook": outlook,
        "sentence": sentence,
    }


def _link(**changed: str | None) -> str:
    """Return the URL of this page with some parameters changed."""
    values: dict[str, Any] = {**request.args.to_dict(), **changed}
    return url_for("pages.history", **{name: value for name, value in values.items() if value})
