"""What answers with conclusions have in common: metrics, values with their intervals, and verdicts on differences."""

from marshmallow import fields

from api.schemas import Answer
from api.schemas.metrics import interval
from api.schemas.results import session_id
from common.catalogue.metrics import METRICS
from common.stats.comparing.comparison import Outcome

OUTCOMES = [outcome.value for outcome in Outcome]


def words(description: str = "The conclusion in one sentence.") -> fields.String:
    return fields.String(metadata={"description": description})


def outcome() -> fields.String:
    return fields.String(metadata={"enum": OUTCOMES, "description": "The conclusion in one word."})


class MetricAnswer(Answer):
    """A metric, with what a reader needs to know of it."""

    metric = fields.String(metadata={"enum": [*METRICS], "description": "The name of the metric."})
    label = fields.String(metadata={"description": "The name of the metric for readers."})
    unit = fields.String(metadata={"description": "The unit of its values, empty for a number without one."})
    better = fields.String(
        metadata={"enum": ["lower", "higher", "neither"], "description": "The direction in which a value is better."}
    )


class Value(Answer):
    """The median of a metric over runs, with its 95 % interval."""

    value = fields.Float(allow_none=True, metadata={"description": "The median; null if it is censored."})
    n = fields.Integer(metadata={"description": "Number of values that the median comes from."})
    ci95 = interval("The 95 % interval of the median, [low, high]; null for fewer than 6 runs.")


class Difference(Answer):
    """A difference, and what can be concluded from it."""

    outcome = outcome()
    sentence = words()
    change = fields.Float(
        allow_none=True, metadata={"description": "The change in `changeUnit`; null if it is infinite or not compared."}
    )
    change_unit = fields.String(
        metadata={"description": "`%` of the baseline, `points` of a share, or the unit of the metric."}
    )
    interval = interval("The interval of the change with `confidence`, [low, high]; null if there are too few runs.")
    confidence = fields.Float(
        allow_none=True, metadata={"description": "The confidence of the interval in percent, such as 97."}
    )
    smallest_change = fields.Float(
        allow_none=True,
        metadata={"description": "The size of the smallest change that four of five such comparisons would find."},
    )
    reasons = fields.List(
        fields.String(), metadata={"description": "Why nothing clearer can be said; empty if the outcome is clear."}
    )


class SessionReference(Answer):
    """A session by its id and its name."""

    session_id = session_id()
    session_name = fields.String(allow_none=True)
