"""The leaderboard: the newest comparable result of each model on each host, ranked."""

from marshmallow import fields

from api.schemas import Answer, Wire
from api.schemas.conclusions.shared import MetricAnswer, SessionReference, Value, words
from api.schemas.metrics import grade, point
from api.schemas.results import moment
from api.schemas.text import text


class LeaderboardQuery(Wire):
    test_type = text(64, metadata={"description": "A test type. Default: that of the newest result."})
    metric = text(64, metadata={"description": "A metric. Default: that of the test type."})
    host = text(100, metadata={"description": "The name of a host. Default: all."})
    model = text(255, metadata={"description": "A model. Default: all."})
    tag = text(255, metadata={"description": "A tag of the session or of its models. Default: all results."})
    options = text(
        1000, metadata={"description": "The `options` of one of the `others`. Default: those that most results have."}
    )


class Entry(SessionReference, Value):
    """The newest result of a model on a host."""

    rank = fields.Integer(
        allow_none=True,
        metadata={
            "description": "1 and the number of entries that are clearly ahead: their intervals lie beyond this one. "
            "Equal ranks cannot be distinguished. null for a value without an interval, or without a better direction."
        },
    )
    sentence = words("The value with its interval, the grade and the age.")
    model_name = fields.String()
    host = fields.String()
    date = moment("When the test ended.")
    age = fields.Float(metadata={"description": "Time since then in seconds."})
    point = point()
    grade = grade()
    model_digest = fields.String(allow_none=True)
    ollama_version = fields.String(allow_none=True)
    reasons = fields.List(
        fields.String(), metadata={"description": "Why the value or its rank must be read with care; often empty."}
    )


class OtherOptions(Answer):
    """Results that are not comparable with these, because they were measured with other options."""

    options = fields.String()
    results = fields.Integer(metadata={"description": "Number of models and hosts."})


class Leaderboard(MetricAnswer):
    """The newest comparable result of each model on each host, the best first."""

    test_type = fields.String()
    options = fields.String(allow_none=True, metadata={"description": "As text; null if there is no result."})
    sentence = words("What the ranks say.")
    entries = fields.List(fields.Nested(Entry))
    without_value = fields.Integer(metadata={"description": "Number of newest results without this metric."})
    others = fields.List(fields.Nested(OtherOptions), metadata={"description": "With other options, most first."})
