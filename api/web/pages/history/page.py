"""`/history?model=&testType=&host=&metric=&options=&from=&to=`: one model and test type over time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import request, url_for
from marshmallow import ValidationError

from api.http.errors import refuse_fields
from api.http.settings import settings
from api.schemas.results import Day
from api.web.pages.history import timeline
from api.web.pages.history.timeline import Timeline
from api.web.pages.layout import resource, streamed
from common.catalogue.metrics import METRICS, Metric
from common.catalogue.test_types import TEST_TYPES
from common.store import history as stored_history
from common.store.history import HistoryEntry
from common.units import iso, model_name

MOST = 200
"""Sessions on one page, the newest of the window."""
FALLBACK = "tokensPerSecond"
"""The metric of a test type of another release."""


@resource.get("/history")
def history() -> Iterator[str]:
    """Its steps take some time: they are computed when the page comes to them."""
    model, test_type, types = _wanted()
    metric = _metric(test_type)
    host = request.args.get("host") or None
    start, end = _day("from", last=False), _day("to", last=True)
    found = stored_history.history(model, test_type, metric.name, host=host, start=start, end=end, limit=MOST)
    return streamed(
        "history.html",
        model=model,
        test_type=test_type,
        asked_type=request.args.get("testType") or test_type,
        metric=metric,
        models=stored_history.models(),
        test_types=types,
        metrics=METRICS.values(),
        hosts=sorted({*settings().ollama_hosts, *(moment.host for moment in found), *([host] if host else [])}),
        host=host,
        older=iso(found[0].at) if len(found) == MOST else None,
        link=_link,
        **_shown(model, test_type, metric, found),
    )


def _wanted() -> tuple[str, str, list[str]]:
    """The model and test type asked for; where one is left out, or the model has never completed the type, that of the
    test that completed last, if it fits, or the model's first. Then all types that the model has completed.
    """
    model, test_type = request.args.get("model", ""), request.args.get("testType", "")
    last_model, last_type = stored_history.newest() or ("", "")
    model = model_name(model) if model else last_model
    types = stored_history.test_types(model)
    fitting = [name for name in (test_type, last_type, *types) if name in types]
    return model, next(iter(fitting), test_type), types


def _metric(test_type: str) -> Metric:
    """The metric asked for, or the type's headline."""
    known = TEST_TYPES.get(test_type)
    name = request.args.get("metric") or (known.headline if known else FALLBACK)
    if name not in METRICS:
        refuse_fields({"metric": [f"{name} is no metric; there are {', '.join(METRICS)}"]})
    return METRICS[name]


def _day(name: str, *, last: bool) -> datetime | None:
    given = request.args.get(name)
    try:
        return Day(last=last).deserialize(given) if given else None
    except ValidationError as error:
        refuse_fields({name: error.messages})


def _shown(model: str, test_type: str, metric: Metric, found: list[HistoryEntry]) -> dict[str, Any]:
    """The line that is asked for, else that of the newest session; the others are named."""
    kinds = timeline.kinds(found)
    options = request.args.get("options")
    chosen = next((kind for kind in kinds if options in {None, kind[1]}), None)
    return {
        "kind": chosen,
        "others": {kind: len(moments) for kind, moments in kinds.items() if kind != chosen},
        "untold": len(found) - sum(map(len, kinds.values())),
        "timeline": Timeline(model, test_type, metric, kinds[chosen] if chosen else []),
    }


def _link(**changed: str | None) -> str:
    """This page with some of what it is asked for changed."""
    values: dict[str, Any] = {**request.args.to_dict(), **changed}
    return url_for("pages.history", **{name: value for name, value in values.items() if value})
