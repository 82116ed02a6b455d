"""Histories: one model and test type over many sessions."""

from marshmallow import fields

from api.schemas import Answer
from api.schemas.conclusions.shared import Difference, MetricAnswer, SessionReference, Value, words
from api.schemas.metrics import grade, interval, point
from api.schemas.results import Day, Range, moment
from api.schemas.text import text


class HistoryQuery(Range):
    model = text(255, metadata={"description": "A model. Default: that of the newest regression, or result."})
    test_type = text(64, metadata={"description": "A test type. Default: as for the model."})
    metric = text(64, metadata={"description": "A metric. Default: that of the test type."})
    host = text(100, metadata={"description": "A host. Default: that of the regression, or of the newest session."})
    options = text(
        1000, metadata={"description": "The `options` of one of the `others`. Default: those of the newest session."}
    )
    start = Day(data_key="from", metadata={"description": "Leave out older sessions."})
    end = Day(data_key="to", last=True, metadata={"description": "Leave out newer sessions. A date is included."})


class HistoryPoint(SessionReference, Value):
    """A session of the history."""

    date = moment("When the test ended.")
    point = point()
    grade = grade()
    model_digest = fields.String(allow_none=True)
    ollama_version = fields.String(allow_none=True)
    changes = fields.List(fields.String(), metadata={"description": "What changed since the session before."})


class Step(Difference):
    """A change that lasts: a step to a new level, or a slow drift."""

    kind = fields.String(metadata={"enum": ["step", "drift"]})
    first = fields.Nested(
        SessionReference, metadata={"description": "The first session of the new level, or of the drift."}
    )
    last = fields.Nested(SessionReference, metadata={"description": "The last session of the drift, or the first."})
    start = moment("When the first session was measured.")
    end = moment("When the last session was measured.")
    seen = moment("When the session was measured that showed it.")
    coinciding = fields.List(
        fields.String(), metadata={"description": "What changed at that time. It need not be the cause."}
    )


class Level(Answer):
    """Sessions at one level, or of one drift."""

    start = moment("When its first session was measured.")
    end = moment("When its last session was measured.")
    sessions = fields.Integer(metadata={"description": "Number of sessions."})
    drifts = fields.Boolean()
    first = fields.Float(metadata={"description": "The level at its first session."})
    first_ci95 = interval("Its 95 % interval.")
    last = fields.Float(metadata={"description": "The level at its last session, not `first` if it drifts."})
    last_ci95 = interval("Its 95 % interval.")


class OtherHistory(Answer):
    """Sessions that are not comparable with these."""

    host = fields.String()
    options = fields.String()
    sessions = fields.Integer(metadata={"description": "Number of sessions."})


class History(MetricAnswer):
    """Comparable sessions of one model and test type on one host, and the changes that last."""

    model_name = fields.String()
    test_type = fields.String()
    host = fields.String(allow_none=True, metadata={"description": "null if there is no session."})
    options = fields.String(allow_none=True, metadata={"description": "As text; null if there is no session."})
    points = fields.List(fields.Nested(HistoryPoint), metadata={"description": "The sessions, oldest first."})
    steps = fields.List(fields.Nested(Step), metadata={"description": "The lasting changes, newest first."})
    levels = fields.List(fields.Nested(Level), metadata={"description": "Empty if there are too few sessions."})
    outlook = words("What the sessions so far show, and what further ones would show.")
    smallest_step = fields.Float(
        allow_none=True, metadata={"description": "The smallest step that three further sessions would show."}
    )
    smallest_step_unit = fields.String(metadata={"description": "`%`, `points`, or the unit of the metric."})
    missing_sessions = fields.Integer(
        metadata={"description": "Number of sessions that are needed until a change can be found."}
    )
    older = moment("A value for `to` that continues with older sessions, or null.", allow_none=True)
    without_value = fields.Integer(metadata={"description": "Number of sessions without this metric."})
    others = fields.List(fields.Nested(OtherHistory), metadata={"description": "On other hosts or with other options."})
