"""Results: the metrics of a test, and how they are asked for."""

from datetime import UTC, date, datetime, time
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api.schemas import Answer, Wire
from api.schemas.hardware import Hardware
from api.schemas.text import Words, text
from common.catalogue.metrics import METRICS
from common.units import naive_utc

MOST_RESULTS = 1000
FURTHEST_PAGE = 1_000_000


def page() -> fields.Integer:
    return fields.Integer(load_default=1, validate=validate.Range(1, FURTHEST_PAGE))


class Day(fields.Field[datetime]):
    """A date or a time in ISO 8601; a date alone means its beginning, or its end if `last`."""

    def __init__(self, *, last: bool = False, **options: Any) -> None:  # noqa: ANN401 - as marshmallow has it
        self.last = last
        kinds = [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
        super().__init__(metadata={"anyOf": kinds, **options.pop("metadata", {})}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:  # noqa: ANN401 - as marshmallow has it
        try:
            return naive_utc(self._moment(value))
        except (ValueError, OverflowError) as error:
            raise ValidationError("must be a date or a time in ISO 8601, with + written as %2B") from error

    def _moment(self, value: str) -> datetime:
        try:
            return datetime.combine(date.fromisoformat(value), time.max if self.last else time.min, UTC)
        except ValueError:
            return datetime.fromisoformat(value)


class ResultQuery(Wire):
    model_name = text(255, metadata={"description": "As in GET /models."})
    test_type = text(64)
    hardware_config = text(
        255, metadata={"description": "A fingerprint, a host's name, or text in the names of CPU, GPUs and system."}
    )
    start = Day(
        data_key="dateRange[start]", metadata={"description": "A date or a time; UTC unless it says otherwise."}
    )
    end = Day(
        data_key="dateRange[end]", last=True, metadata={"description": "The same; a date includes that whole day."}
    )
    metrics = Words(
        fields.String(validate=validate.OneOf(METRICS, error="is none of {choices}")),
        load_default=[],
        metadata={"description": "The metrics wanted, by comma or repeated; all if left out."},
    )
    page = page()
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MOST_RESULTS))

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401 - as marshmallow has it
        if "start" in data and "end" in data and data["start"] > data["end"]:
            raise ValidationError("is after dateRange[end]", "dateRange[start]")


def metrics(**options: Any) -> fields.Dict:  # noqa: ANN401 - as marshmallow has it
    """The metrics of a test: numbers by name, and the distribution of each under `statistics`."""
    known = {
        name: {"type": "number", "nullable": True, "description": f"{metric.unit}: {metric.description}"}
        for name, metric in METRICS.items()
    }
    statistics = {
        "type": "object",
        "description": "value, unit, n, median, mad, mean, sd, ci95, min, max, p95, p99, first, drift and outliers",
    }
    parts = {
        "statistics": statistics,
        "headline": _object("the metric by which the test is read first: name, unit, and the point that stands for it"),
        "finding": {"type": "string", "description": "what came out, as one sentence"},
        "points": _objects("where the test has several: point, runs and statistics of each"),
        "verdicts": _objects("what a reader must know: name, severity, evidence, advice, point"),
        "runs": _object("how many counted, how many were rejected, and the rejectionRate"),
        "phases": _object("idle, load, prefill, decode: readings, duration, mean and peak of each measure, and energy"),
        "peaks": _object("the highest reading of each measure in the measured runs"),
        "readings": {"type": "integer", "description": "how many readings of the machine fell into the runs"},
        "clock": {"type": "string", "enum": ["kernel", "client"], "description": "by which answers were stamped"},
    }
    return fields.Dict(keys=fields.String(), metadata={"properties": {**known, **parts}}, **options)


def _object(description: str) -> dict[str, Any]:
    return {"type": "object", "description": description}


def _objects(description: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object"}, "description": description}


class TestResult(Answer):
    model_name = fields.String()
    test_type = fields.String()
    metrics = metrics()
    date = fields.String(metadata={"format": "date-time"})


class Result(TestResult):
    session_id = fields.String()
    hardware = fields.Nested(Hardware, allow_none=True)


class Results(Answer):
    results = fields.List(fields.Nested(Result))
    total = fields.Integer()
    page = fields.Integer()
    limit = fields.Integer()
