"""`/history?model=&testType=&host=&metric=&options=&from=&to=`: one model over time.

Without arguments, it is the history of the newest finding.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from flask import request, url_for
from marshmallow import ValidationError

from api.conclusions.histories.default_history import opening
from api.conclusions.histories.history_query import Answered, Asked, answered, grouped, metric_of
from api.conclusions.histories.sentences import outlook, sentence
from api.conclusions.histories.series import series_of
from api.conclusions.histories.stored_regressions import described
from api.http.responses.errors import refuse_fields
from api.http.settings import settings
from api.schemas.results import Day
from api.web.pages.faults import attempted
from api.web.pages.history.multiples import multiples
from api.web.pages.history.timeline import HistoryTimeline
from api.web.pages.layout import resource, streamed
from api.web.pages.presentation.rendered_parts import KeptParts
from common.catalogue.metrics import METRICS, Metric
from common.errors import Unavailable
from common.store.alerts import regressions
from common.store.alerts.regressions import RegressionFilter
from common.store.earlier import history as stored_history
from common.store.reads.lists.pages import Page
from common.values.free_json import Json
from common.values.units import iso

MAX_FINDINGS = 20
"""Open findings of all models that are listed."""
MAX_KEPT = 50
"""Pages whose long parts are kept in memory, at up to a megabyte with the sessions that they show."""

_kept = KeptParts(MAX_KEPT)


@resource.get("/history")
def history() -> Iterator[str]:
    """Send the page; the steps, which take some time to find, are computed when the page reaches them."""
    args = request.args
    chosen = opening(args.get("model", ""), args.get("testType", ""))
    host, options = chosen.place(args.get("host"), args.get("options"))
    metric = metric_of(chosen.test_type, args.get("metric"))
    start, end = _day("from", last=False), _day("to", last=True)
    asked = Asked(chosen.model, chosen.test_type, metric, host, options, start, end)
    read = attempted("Sessions", partial(answered, asked), passing=(Unavailable,))
    found = read or grouped(asked, [])
    return streamed(
        "history/page.html",
        model=chosen.model,
        test_type=chosen.test_type,
        asked_type=args.get("testType") or chosen.test_type,
        metric=metric,
        models=stored_history.models(),
        test_types=chosen.test_types,
        metrics=_metrics(asked),
        hosts=_hosts(found, host),
        host=host,
        link=_link,
        is_readable=read is not None,
        multiples=multiples,
        series=partial(series_of, chosen.model, chosen.test_types),
        part=_kept.of((request.script_root, asked)).part,
        open_findings=_open_findings if "model" not in args else list,
        **_shown(found),
    )


def _metrics(asked: Asked) -> list[Metric]:
    """Return the metrics that the newest test has, in their order, with the one that is shown."""
    known = {asked.metric.name, *stored_history.metrics(asked.model, asked.test_type)}
    return [metric for metric in METRICS.values() if metric.name in known]


def _hosts(found: Answered, shown: str | None) -> list[str]:
    """Return the hosts to choose from: those of the settings and of the sessions, and the one that is shown."""
    named = (*settings().ollama_hosts, *(session.host for session in found.found), shown)
    return sorted({host for host in named if host})


def _open_findings() -> list[Json]:
    """Return the newest open regressions of all models."""
    found, _ = regressions.listed(RegressionFilter(), Page(1, MAX_FINDINGS))
    return [described(each) for each in found]


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
