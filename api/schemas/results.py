"""Results: the metrics of tests, and the parameters to query them."""

import re
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api.formats.file_formats import OF_RESULTS, described
from api.schemas import Answer, Wire
from api.schemas.machines.hardware import Hardware
from api.schemas.metrics import HeadlineMetrics, Stored, grade
from api.schemas.text import Words, text
from common.catalogue.metrics import METRICS
from common.values.units import EPOCH, MILLISECOND, naive_utc
from common.values.written_times import written_time

MAX_RESULTS = 1000
DEFAULT_LIMIT = 100
MAX_PAGE = 1_000_000


def session_id() -> fields.String:
    return fields.String(metadata={"format": "uuid", "description": "The id of the session."})


def moment(description: str, **options: Any) -> fields.String:  # noqa: ANN401 - as in marshmallow
    return fields.String(metadata={"format": "date-time", "description": description}, **options)


def page() -> fields.Integer:
    description = "Number of the page, from 1."
    return fields.Integer(load_default=1, validate=validate.Range(1, MAX_PAGE), metadata={"description": description})


def limit(default: int, maximum: int) -> fields.Integer:
    description = "Maximum number of entries on a page."
    return fields.Integer(
        load_default=default, validate=validate.Range(1, maximum), metadata={"description": description}
    )


class Page(Answer):
    """A page of a list."""

    total = fields.Integer(metadata={"description": "Number of entries on all pages."})
    page = fields.Integer()
    limit = fields.Integer()


MIN_EPOCH_MS = 10**11
"""Smaller numbers are refused, because they are rather seconds. In milliseconds, this is a day in 1973."""
MAX_EPOCH_MS = 253402300799999
"""The last millisecond of the year 9999."""
EPOCH_MS = re.compile(r"\d{12,15}(\.\d+)?|0")
NO_TIME = "must be a date or a time in ISO 8601, or milliseconds since 1970 (13 digits)"


class Day(fields.Field[datetime]):
    """A date or a time in ISO 8601, or milliseconds since 1970.

    A date means the start of the day, or its end if `last`.
    """

    def __init__(self, *, last: bool = False, **options: Any) -> None:  # noqa: ANN401 - as in marshmallow
        self.last = last
        kinds = [
            {"type": "string", "format": "date"},
            {"type": "string", "format": "date-time"},
            {
                "type": "integer",
                "minimum": MIN_EPOCH_MS,
                "maximum": MAX_EPOCH_MS,
                "description": "Milliseconds since 1970.",
            },
            {"const": 0, "description": "The beginning of 1970."},
        ]
        super().__init__(metadata={"anyOf": kinds, **options.pop("metadata", {})}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:  # noqa: ANN401 - as in marshmallow
        try:
            return naive_utc(self._moment(value.strip()))
        except (ValueError, OverflowError) as error:
            raise ValidationError(NO_TIME) from error

    def _moment(self, value: str) -> datetime:
        if EPOCH_MS.fullmatch(value):
            return EPOCH + float(value) * MILLISECOND
        return written_time(value, last=self.last)


class Range(Wire):
    """A query with a `start` and an `end`, each of which may be absent."""

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401 - as in marshmallow
        if "start" in data and "end" in data and data["start"] > data["end"]:
            start, end = (self.fields[name].data_key for name in ("start", "end"))
            raise ValidationError(f"is after {end}", str(start))


class ResultQuery(Range):
    model_name = text(255, metadata={"description": "A model of GET /models.", "example": "llama3.2:3b"})
    test_type = text(64, metadata={"description": "A test type of GET /test-types.", "example": "decode"})
    hardware_config = text(
        255, metadata={"description": "A fingerprint, a host's name, or text in the names of CPU, GPUs and system."}
    )
    start = Day(data_key="dateRange[start]", metadata={"description": "A date or a time, in UTC unless it has a zone."})
    end = Day(
        data_key="dateRange[end]", last=True, metadata={"description": "Like the start. A date includes the whole day."}
    )
    metrics = Words(
        fields.String(validate=validate.OneOf(METRICS, error="must be one of {choices}")),
        load_default=[],
        metadata={
            "description": "The metrics to return, with their statistics, separated by commas or repeated. "
            "Default: all."
        },
    )
    format = fields.String(
        load_default="json",
        validate=validate.OneOf(OF_RESULTS),
        metadata={
            "description": f"{described(OF_RESULTS)} All but json have all results, unless `page` or `limit` is given."
        },
    )
    page = fields.Integer(
        validate=validate.Range(1, MAX_PAGE), metadata={"default": 1, "description": "Number of the page, from 1."}
    )
    limit = fields.Integer(
        validate=validate.Range(1, MAX_RESULTS),
        metadata={"default": DEFAULT_LIMIT, "description": "Maximum number of entries on a page."},
    )


class TestResult(Answer):
    """The headline metrics of a finished test."""

    model_name = fields.String()
    test_type = fields.String()
    metrics = Stored(HeadlineMetrics)
    grade = grade()
    date = fields.String(metadata={"format": "date-time"})


class Result(TestResult):
    """The headline metrics of a finished test, with its session and its machine."""

    session_id = session_id()
    hardware = Stored(Hardware, allow_none=True)


class Results(Page):
    """A page of results, newest first."""

    results = fields.List(fields.Nested(Result))
