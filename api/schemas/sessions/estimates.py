"""Estimates of the duration of a session."""

from marshmallow import fields

from api.schemas import Answer
from common.catalogue.effort import Effort


def milliseconds(description: str) -> fields.Float:
    return fields.Float(allow_none=True, metadata={"description": description})


class ModelTest(Answer):
    """A test type with a model."""

    model = fields.String(data_key="modelName")
    test_type = fields.String()


class EffortDuration(Answer):
    """The expected duration with one effort."""

    effort = fields.String(metadata={"enum": [*Effort]})
    low = milliseconds("ms, with the minimum of repetitions; null if none of the tests was measured.")
    high = milliseconds("ms, with the maximum of repetitions; null as `low`.")


class Estimates(Answer):
    """The expected duration of a session."""

    low = milliseconds("ms for the tests that were measured, with the minimum of repetitions; null if none was.")
    high = milliseconds("ms, with the maximum of repetitions; null as `low`.")
    efforts = fields.List(
        fields.Nested(EffortDuration), metadata={"description": "What the same session would take with each effort."}
    )
    tests = fields.Integer(metadata={"description": "Number of tests in the session: models times test types."})
    rough = fields.List(
        fields.Nested(ModelTest), metadata={"description": "Tests that were only measured with other options."}
    )
    never_measured = fields.List(
        fields.Nested(ModelTest), metadata={"description": "Tests that were never measured on this host."}
    )
