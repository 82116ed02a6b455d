"""Stored runs."""

from marshmallow import fields, validate

from api.formats.file_formats import OF_SESSIONS, described
from api.schemas import Answer, Wire
from api.schemas.results import Page, limit, page

MAX_RUNS = 100
"""A run of many users has several megabytes."""


class RunQuery(Wire):
    page = page()
    limit = limit(50, MAX_RUNS)


class ExportQuery(Wire):
    format = fields.String(
        load_default="json", validate=validate.OneOf(OF_SESSIONS), metadata={"description": described(OF_SESSIONS)}
    )


class StoredRun(Answer):
    """A run, with the source of its metrics."""

    model_name = fields.String()
    test_type = fields.String()
    point = fields.Integer(
        metadata={"description": "Number of the point in the test, in the order of its options, from 0."}
    )
    conditions = fields.Raw(
        allow_none=True,
        metadata={
            "type": "object",
            "description": "The values that the run was measured at; empty if the test has only one point.",
            "example": {"promptTokens": 1024},
        },
    )
    repetition = fields.Integer(metadata={"description": "Number of the run at its point, and of its block, from 1."})
    date = fields.String(metadata={"format": "date-time", "description": "When it was stored."})
    figures = fields.Raw(metadata={"type": "object", "description": "Its metrics by name; unknown values are null."})
    record = fields.Raw(
        metadata={
            "type": "object",
            "description": "The source of the metrics: requests with time stamps and the server's fields, phases, "
            "readings, and models in memory. `verdicts` are on this run, `rejected` on the attempts before it.",
        }
    )


class Runs(Page):
    """A page of runs, test by test."""

    runs = fields.List(fields.Nested(StoredRun))
