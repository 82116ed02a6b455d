"""Runs: one by one, as they were stored."""

from marshmallow import fields, validate

from api.schemas import Wire
from api.schemas.results import page

MOST_RUNS = 100
"""A run of many users has megabytes."""


class RunQuery(Wire):
    page = page()
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST_RUNS))


class ExportQuery(Wire):
    format = fields.String(
        load_default="json",
        validate=validate.OneOf(("csv", "json")),
        metadata={
            "description": "csv: one row a run; json: the session as GET /test-sessions/{id} has it, and its runs."
        },
    )


class StoredRun(Wire):
    model_name = fields.String()
    test_type = fields.String()
    point = fields.Integer(metadata={"description": "Its number among the test's points, from 0."})
    conditions = fields.Raw(
        metadata={
            "type": "object",
            "nullable": True,
            "description": "The values that the run was measured at; empty if the test has only one point.",
            "example": {"promptTokens": 1024},
        }
    )
    repetition = fields.Integer(metadata={"description": "From 1."})
    date = fields.String(metadata={"format": "date-time", "description": "When it was stored."})
    figures = fields.Raw(metadata={"type": "object", "description": "Its metrics by name; null is unknown."})
    record = fields.Raw(
        metadata={
            "type": "object",
            "description": "What the figures rest on: the requests with their stamps and the server's fields, phases, "
            "readings, what was in memory; `verdicts` on it, and `rejected`: why draws before it did not count.",
        }
    )


class Runs(Wire):
    runs = fields.List(fields.Nested(StoredRun))
    total = fields.Integer()
    page = fields.Integer()
    limit = fields.Integer()
