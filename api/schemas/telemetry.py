"""The readings of a session: which are asked for, and how they come."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api.schemas import Answer, Wire
from api.schemas.results import Day
from common.store.tables import Status

MOST_POINTS = 10_000


def column(description: str, kind: str = "number") -> fields.Raw:
    """A list of what JSON has, passed on as it is: there may be a hundred thousand."""
    items: dict[str, Any] = {"type": kind, "nullable": True}
    return fields.Raw(metadata={"type": "array", "items": items, "description": description})


def milliseconds(description: str, **options: Any) -> fields.Float:  # noqa: ANN401 - as marshmallow has it
    return fields.Float(metadata={"description": f"ms since 1970; {description}"}, **options)


class Window(Wire):
    start = Day(
        data_key="from",
        metadata={"description": "A date or a time; UTC unless it says otherwise; the session's begin if left out."},
    )
    end = Day(data_key="to", last=True, metadata={"description": "The same; a date includes that whole day."})
    points = fields.Integer(
        load_default=1000,
        validate=validate.Range(1, MOST_POINTS),
        metadata={"description": "At most so many times; more readings come in so many buckets."},
    )
    phases = fields.Integer(
        validate=validate.Range(1, MOST_POINTS),
        metadata={
            "description": "At most so many phases, all if left out. Of more, each of so many equal parts of the "
            "window is told as what has most of it, joined to its like beside it, without point and repetition."
        },
    )

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401 - as marshmallow has it
        if "start" in data and "end" in data and data["start"] > data["end"]:
            raise ValidationError("is after to", "from")


class Channel(Answer):
    sometimes = ("plain", "min", "max", "mean")

    name = fields.String(metadata={"example": "cpu"})
    unit = fields.String(metadata={"example": "%"})
    gpu = fields.Integer(allow_none=True, metadata={"description": "The GPU's index; null for the machine's own."})
    resolution = fields.Float(allow_none=True, metadata={"description": "The step that values are stored in."})
    plain = fields.Raw(  # not `values`, which every dict has
        data_key="values",
        metadata={
            "type": "array",
            "items": {"nullable": True, "oneOf": [{"type": "number"}, {"type": "array", "items": {"type": "string"}}]},
            "description": "One for each of `at`; when thinned only of counters (the last) and words (all that held).",
        },
    )
    min = column("The least in each bucket, when thinned.")
    max = column("The most in each bucket, when thinned.")
    mean = column("Over the readings of each bucket, when thinned.")


class Phase(Answer):
    phase = fields.String(metadata={"description": "load, prefill, decode; idle before a test.", "example": "decode"})
    start = milliseconds("by Redis's clock")
    end = milliseconds("by Redis's clock")
    model_name = fields.String()
    test_type = fields.String()
    point = fields.Integer(allow_none=True, metadata={"description": "Its number among the test's points, from 0."})
    repetition = fields.Integer(allow_none=True)


class TestSpan(Answer):
    model_name = fields.String()
    test_type = fields.String()
    status = fields.String(metadata={"enum": [*Status]})
    start = milliseconds("by the worker's clock")
    end = milliseconds("by the worker's clock; null while it runs", allow_none=True)


class Telemetry(Answer):
    session_id = fields.String()
    host = fields.String()
    start = fields.String(allow_none=True, metadata={"format": "date-time", "description": "Where the answer begins."})
    end = fields.String(allow_none=True, metadata={"format": "date-time"})
    hz = fields.Float(allow_none=True, metadata={"description": "Readings a second, on average."})
    thinned = fields.Boolean()
    bucket = fields.Integer(allow_none=True, metadata={"description": "The length of a bucket in ms, when thinned."})
    at = fields.Raw(
        metadata={
            "type": "array",
            "items": {"type": "integer"},
            "description": "ms since 1970 by Redis's clock: of each reading, or when each bucket begins.",
        }
    )
    series = fields.List(fields.Nested(Channel))
    phases = fields.List(fields.Nested(Phase), metadata={"description": "Those that touch the window."})
    tests = fields.List(fields.Nested(TestSpan), metadata={"description": "The session's tests that have begun."})
