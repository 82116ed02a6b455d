"""Regressions: lasting changes for the worse. Improvements have the same form."""

from marshmallow import fields, validate

from api.schemas import Answer, Wire
from api.schemas.conclusions.shared import Difference, MetricAnswer
from api.schemas.flag import Flag
from api.schemas.results import Page, limit, moment, page
from api.schemas.text import text
from common.store.alerts.tables import EndReason

MAX_REGRESSIONS = 1000
MAX_NOTE = 2000


def bounds() -> fields.List[float]:
    return fields.List(
        fields.Float(), metadata={"minItems": 2, "maxItems": 2, "description": "Its 95 % interval, [low, high]."}
    )


class RegressionQuery(Wire):
    outcome = fields.String(
        load_default="worse",
        validate=validate.OneOf(("worse", "better", "all")),
        metadata={"description": "worse: regressions. better: improvements. all: both."},
    )
    state = fields.String(
        load_default="open",
        validate=validate.OneOf(("open", "over", "all")),
        metadata={"description": "Which regressions to return. Default: open."},
    )
    acknowledged = fields.Boolean(metadata={"description": "true: those that were acknowledged. false: the others."})
    model_name = text(255, metadata={"description": "A model of GET /models.", "example": "llama3.2:3b"})
    test_type = text(64, metadata={"description": "A test type of GET /test-types.", "example": "decode"})
    metric = text(64, metadata={"description": "The name of a metric."})
    host = text(100, metadata={"description": "The name of a host."})
    session_id = fields.UUID(metadata={"description": "The session that showed the regression, or its end."})
    page = page()
    limit = limit(100, MAX_REGRESSIONS)


class KnownLevel(Answer):
    """The metric before or after a change."""

    value = fields.Float()
    ci95 = bounds()


class RegressionEnd(Answer):
    """Why a regression is over."""

    at = moment("When Gait found that.")
    reason = fields.String(
        metadata={
            "enum": [*EndReason],
            "description": "recovered: a later session showed that the metric is no longer worse than before. "
            "withdrawn: sessions were deleted or imported, and the history no longer shows the regression.",
        }
    )
    session_id = fields.String(
        allow_none=True, metadata={"format": "uuid", "description": "The session that showed it; null if withdrawn."}
    )
    sentence = fields.String()


class Regression(MetricAnswer, Difference):
    """A lasting change in the history of a model, test type, metric, host and options."""

    id = fields.String(metadata={"format": "uuid"})
    state = fields.String(metadata={"enum": ["open", "over"]})
    model_name = fields.String()
    test_type = fields.String()
    host = fields.String()
    options = fields.String(metadata={"description": "The options of the history, as in GET /histories."})
    kind = fields.String(
        metadata={"enum": ["step", "drift"], "description": "step: a new level. drift: a slow change."}
    )
    before = fields.Nested(KnownLevel)
    after = fields.Nested(KnownLevel)
    coinciding = fields.List(
        fields.String(), metadata={"description": "What changed at that time. It need not be the cause."}
    )
    first_session = fields.String(
        metadata={"format": "uuid", "description": "The first session of the new level, or of the drift."}
    )
    start = moment("When that session was measured.")
    seen_session = fields.String(metadata={"format": "uuid", "description": "The session that showed the change."})
    seen = moment("When that session was measured.")
    opened_at = moment("When Gait found the regression.")
    over = fields.Nested(RegressionEnd, allow_none=True, metadata={"description": "null while it is open."})
    acknowledged_at = moment("When somebody acknowledged it; null if nobody has.", allow_none=True)
    note = fields.String(allow_none=True, metadata={"description": "What they wrote."})


class Regressions(Page):
    """A page of regressions, the most recently found first."""

    regressions = fields.List(fields.Nested(Regression))
    unjudged = fields.Integer(
        metadata={
            "description": "Number of ended sessions that Gait has not evaluated yet, which takes seconds; with "
            "`sessionId` 1 or 0. While it is not 0, a regression may be missing."
        }
    )


class RegressionPatch(Wire):
    """Changes of a regression. What is left out stays."""

    acknowledged = Flag(metadata={"description": "Whether somebody knows of it and has decided."})
    note = text(MAX_NOTE, allow_none=True, metadata={"description": "What they decided. null removes it."})
