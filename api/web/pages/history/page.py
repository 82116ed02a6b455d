"""`/history?model=&testType=&host=&metric=&options=&from=&to=`: one model and test type over time."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from flask import request, url_for
from marshmallow import ValidationError

from api.histories.asked import Answered, Asked, answered, grouped, metric_of, model_and_test_type
from api.histories.sentences import outlook, sentence
from api.http.errors import refuse_fields
from api.http.settings import settings
from api.schemas.results import Day
from api.web.pages.faults import attempted
from api.web.pages.history.timeline import HistoryTimeline
from api.web.pages.layout import resource, streamed
from common.catalogue.metrics import METRICS
from common.errors import Unavailable
from common.store.earlier import history as stored_history
from common.units import iso


@resource.get("/history")
def history() -> Iterator[str]:
    """Send the page; the steps, which take some time to find, are computed when the page reaches them."""
    args = request.args
    model, test_type, types = model_and_test_type(args.get("model", ""), args.get("testType", ""))
    asked = Asked(
        model,
        test_type,
        metric_of(test_type, args.get("metric")),
        host=args.get("host") or None,
        options=args.get("options"),
        start=_day("from", last=False),
        end=_day("to", last=True),
    )
    read = attempted("Sessions", partial(answered, asked), passing=(Unavailable,))
    found = read or grouped(asked, [])
    hosts = {
        *settings().ollama_hosts,
        *(session.host for session in found.found),
        *([asked.host] if asked.host else []),
    }
    return streamed(
        "history.html",
        model=model,
        test_type=test_type,
        asked_type=args.get("testType") or test_type,
        metric=asked.metric,
        models=stored_history.models(),
        test_types=types,
        metrics=METRICS.values(),
        hosts=sorted(hosts),
        host=asked.host,
        link=_link,
        is_readable=read is not None,
        **_shown(found),
    )


def _day(name: str, *, last: bool) -> datetime | None:
    given = request.args.get(name)
    try:
        return Day(last=last).deserialize(given) if given else None
    except ValidationError as error:
        refuse_fields({name: error.messages})


def _shown(found: Answered) -> dict[str, Any]:
    return {
        "found": found.found,
        "group": found.group,
        "others": found.others,
        "older": iso(found.older),
        "without_value": found.without_value,
        "timeline": HistoryTimeline(found.history),
        "outlook": outlook,
        "sentence": sentence,
    }


def _link(**changed: str | None) -> str:
    """Return the URL of this page with some parameters changed."""
    values: dict[str, Any] = {**request.args.to_dict(), **changed}
    return url_for("pages.history", **{name: value for name, value in values.items() if value})
