"""What repeated sessions show."""

from marshmallow import fields

from api.schemas import Answer
from api.schemas.results import session_id


class RepeatedTest(Answer):
    """A model under one test type in all repeats."""

    model = fields.String(data_key="modelName")
    test_type = fields.String()
    metric = fields.String(metadata={"description": "The metric that represents the test."})
    unit = fields.String()
    medians = fields.List(fields.Float(), metadata={"description": "Of the sessions that completed the test."})
    relative = fields.Boolean(metadata={"description": "Whether spread and smallestChange are in percent."})
    spread = fields.Float(
        allow_none=True,
        metadata={"description": "Standard deviation of the medians; null for fewer than three sessions."},
    )
    smallest_change = fields.Float(
        allow_none=True,
        metadata={"description": "Smallest change between two sessions that is found in four of five cases."},
    )
    useful_runs = fields.Integer(
        allow_none=True,
        metadata={
            "description": "With more runs a session's smallest change becomes smaller by less than a tenth. null if "
            "the sessions lie no further apart than their runs do, so that every further run helps."
        },
    )


class Repeats(Answer):
    """The sessions that were submitted together on one host, and what they show."""

    session_id = session_id()
    sessions = fields.List(fields.String(metadata={"format": "uuid"}), metadata={"description": "In their order."})
    ended = fields.Integer(metadata={"description": "Number of sessions that have ended."})
    tests = fields.List(fields.Nested(RepeatedTest))
