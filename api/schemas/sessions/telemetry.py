"""The readings of a session, and the parameters to query them."""

from typing import Any

from marshmallow import fields, validate

from api.schemas import Answer
from api.schemas.results import Day, Range, session_id
from common.store.tables import Status

MAX_POINTS = 10_000


def column(description: str, kind: str = "number") -> fields.Raw:
    """Return a field for a list of JSON values, which is not processed because it may have a hundred thousand."""
    items: dict[str, Any] = {"type": [kind, "null"]}
    return fields.Raw(metadata={"type": "array", "items": items, "description": description})


def milliseconds(description: str, **options: Any) -> fields.Float:  # noqa: ANN401 - as in marshmallow
    return fields.Float(metadata={"description": f"ms since 1970, {description}"}, **options)


class Window(Range):
    start = Day(
        data_key="from",
        metadata={"description": "A date or a time, in UTC unless it has a zone. Default: the session's start."},
    )
    end = Day(data_key="to", last=True, metadata={"description": "Like from. A date includes the whole day."})
    points = fields.Integer(
        load_default=1000,
        validate=validate.Range(1, MAX_POINTS),
        metadata={"description": "The maximum number of points. More readings are reduced to this number of buckets."},
    )
    phases = fields.Integer(
        validate=validate.Range(1, MAX_POINTS),
        metadata={
            "description": "The maximum number of phases. Default: all. If there are more, the window is divided into "
            "this number of equal parts. Each part becomes the phase that takes most of it, without point and "
            "repetition, and equal neighbours are joined."
        },
    )


class Channel(Answer):
    """A value over time."""

    optional = ("plain", "min", "max", "mean")

    name = fields.String(metadata={"example": "cpu"})
    unit = fields.String(metadata={"example": "%"})
    gpu = fields.Integer(allow_none=True, metadata={"description": "The GPU's index; null for the machine."})
    resolution = fields.Float(allow_none=True, metadata={"description": "The resolution of stored values."})
    plain = fields.Raw(  # not `values`, which every dict has
        data_key="values",
        metadata={
            "type": "array",
            "items": {"oneOf": [{"type": "number"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
            "description": "One value for each of `at`. With buckets: only for counters (the last) and words (all).",
        },
    )
    min = column("The minimum in each bucket.")
    max = column("The maximum in each bucket.")
    mean = column("The mean over the readings of each bucket.")


class PhaseSpan(Answer):
    """A phase of a run."""

    phase = fields.String(
        metadata={"description": "load, prefill, decode, or idle before a test.", "example": "decode"}
    )
    start = milliseconds("by Redis's clock")
    end = milliseconds("by Redis's clock")
    model_name = fields.String()
    test_type = fields.String()
    point = fields.Integer(
        allow_none=True,
        metadata={"description": "Number of the point in the test, in the order of its options, from 0."},
    )
    repetition = fields.Integer(allow_none=True)


class TestSpan(Answer):
    """A test, and when it ran."""

    model_name = fields.String()
    test_type = fields.String()
    status = fields.String(metadata={"enum": [*Status]})
    start = milliseconds("by the worker's clock")
    end = milliseconds("by the worker's clock, or null while it runs", allow_none=True)


class Telemetry(Answer):
    """The readings of a session's machine, and the phases of its runs."""

    session_id = session_id()
    host = fields.String()
    start = fields.String(
        allow_none=True, metadata={"format": "date-time", "description": "Start of the returned window."}
    )
    end = fields.String(allow_none=True, metadata={"format": "date-time"})
    hz = fields.Float(allow_none=True, metadata={"description": "Mean number of readings per second."})
    thinned = fields.Boolean(metadata={"description": "Whether the readings are reduced to buckets."})
    bucket = fields.Integer(allow_none=True, metadata={"description": "Length of a bucket in ms, or null."})
    at = fields.Raw(
        metadata={
            "type": "array",
            "items": {"type": "integer"},
            "description": "ms since 1970 by Redis's clock, of each reading or the start of each bucket.",
        }
    )
    series = fields.List(fields.Nested(Channel))
    phases = fields.List(fields.Nested(PhaseSpan), metadata={"description": "Phases that overlap the window."})
    tests = fields.List(fields.Nested(TestSpan), metadata={"description": "The session's tests that have begun."})
