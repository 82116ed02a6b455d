"""`GET /comparisons`: sessions, machines, models or spans of time against a baseline, with a verdict on each number."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from marshmallow import ValidationError

from api.conclusions.comparisons.column_choice import chosen
from api.conclusions.comparisons.columns import Column
from api.conclusions.comparisons.comparison import Comparison
from api.conclusions.comparisons.comparison_json import answer
from api.conclusions.histories.history_json import spans_answer
from api.conclusions.histories.history_query import Asked, metric_of
from api.conclusions.histories.spans import SpanComparison, compared
from api.conclusions.leaderboard.machine_columns import machine_columns
from api.http.responses.errors import or_404, refuse_fields
from api.http.settings import settings
from api.openapi.resource import Resource
from api.routes import unreadable
from api.schemas.conclusions import comparisons as schemas
from api.schemas.results import Day
from common.values.free_json import Json
from common.values.units import model_name

resource = Resource("comparisons", __name__, description="Differences of sessions and models.")
ANY = "any"


@resource.operation(
    "GET",
    "/comparisons",
    name="readComparison",
    answer=(200, schemas.Comparison),
    query=schemas.ComparisonQuery,
    failures=(HTTPStatus.NOT_FOUND,),
)
def read(query: Json) -> Json:
    """Compare sessions or machines, or some of their models, with a baseline.

    Each number has a verdict with its interval, the smallest change that could have been seen, and the reasons if
    nothing clearer can be said. The page `/compare` shows the same. Without a `candidate`, the models of the baseline's
    session are compared with its first one. Hosts instead of sessions stand for their newest results.

    With `model` and `testType`, the sessions in two spans of time are compared.
    """
    if "model" in query:
        return unreadable.one(_spans(query), spans_answer)
    shown, left_out = _columns([query["baseline"], *query["candidate"]])
    or_404(shown or None, query["baseline"], "result on")
    comparison = Comparison(shown, query["baseline"], any_digest=query["digests"] == ANY)
    return {**unreadable.one(comparison, answer), "left_out": left_out}


def _columns(keys: Sequence[str]) -> tuple[list[Column], int]:
    """Return the columns of these sessions or hosts, and how many do not fit."""
    sources = [one.partition("/")[0].strip() for one in keys]
    known = settings().ollama_hosts
    if not set(known).intersection(sources):
        return chosen(keys)
    if unknown := [source for source in sources if source not in known]:
        refuse_fields({"candidate": [f"{unknown[0]} is not a host, as the others are"]})
    models = [one.partition("/")[2] for one in keys]
    named = [model_name(model) if model else None for model in models]
    return machine_columns(list(zip(sources, named, strict=True)))


def _spans(query: Json) -> SpanComparison:
    metric = metric_of(query["test_type"], query.get("metric"))
    asked = Asked(model_name(query["model"]), query["test_type"], metric, host=query.get("host"))
    spans = [_span("baseline", query["baseline"]), _span("candidate", query["candidate"][0])]
    return compared(asked, spans, any_digest=query["digests"] == ANY)


def _span(name: str, text: str) -> tuple[datetime, datetime]:
    start, _, end = text.partition("/")
    try:
        found = Day().deserialize(start), Day(last=True).deserialize(end)
    except ValidationError as error:
        refuse_fields({name: [f"must be FROM/TO, and each {error.messages[0]}"]})
    if found[0] > found[1]:
        refuse_fields({name: ["begins after its end"]})
    return found
