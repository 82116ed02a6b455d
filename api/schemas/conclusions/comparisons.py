"""Comparisons of sessions, of models, and of spans of time."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api.schemas import Answer, Wire
from api.schemas.conclusions.shared import Difference, MetricAnswer, Value, outcome, words
from api.schemas.metrics import grade, point
from api.schemas.results import moment, session_id
from api.schemas.text import Words, text

MAX_KEY = 400
MAX_CANDIDATES = 11
"""As many as there are columns beside the baseline."""
LARGE = "With more than 12 columns:"
METHODS = ("paired", "spread", "runs", "spans")


class ComparisonQuery(Wire):
    baseline = text(
        MAX_KEY,
        required=True,
        metadata={
            "description": "What to compare with: the id of a session, or SESSION/MODEL for one of its models. "
            "The name of a configured host instead of a session stands for the newest results there. "
            "With `model`, a span of time FROM/TO: two dates or times in UTC, both included.",
            "example": "0198b7c2-5f6e-7d31-9a40-3c2d8e71b5f0",
        },
    )
    candidate = Words(
        text(MAX_KEY),
        load_default=[],
        validate=validate.Length(max=MAX_CANDIDATES),
        metadata={
            "description": "What to compare, like the baseline, separated by commas or repeated. A model is compared "
            "with the same model of the baseline's session, if that has it and no model of it is named.",
            "example": ["0198b7d9-2c41-7a90-8f15-6e1b0a7d42c3"],
        },
    )
    digests = fields.String(
        load_default="same",
        validate=validate.OneOf(("same", "any")),
        metadata={"description": "any: also compare a model with its replacement under the same name."},
    )
    model = text(255, metadata={"description": "The model whose sessions in two spans of time are compared."})
    test_type = text(64, metadata={"description": "With `model`: the test type."})
    metric = text(64, metadata={"description": "With `model`: the metric. Default: that of the test type."})
    host = text(100, metadata={"description": "With `model`: the host. Default: that of the newest session."})

    @validates_schema
    def _complete(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401 - as in marshmallow
        if "model" in data and "test_type" not in data:
            raise ValidationError("is needed to compare spans of time", "testType")
        if "model" in data and len(data["candidate"]) != 1:
            raise ValidationError("must be one span of time FROM/TO", "candidate")
        for name in ("test_type", "metric", "host"):
            if name in data and "model" not in data:
                raise ValidationError("needs model", name if name != "test_type" else "testType")


class Fact(Answer):
    """A fact that differs between the columns."""

    name = fields.String()
    values = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata={"description": "As text, by the letter of the column."}
    )


class ComparedColumn(Answer):
    """One model in one session, in the newest results of a host, or in a span of time."""

    letter = fields.String()
    title = fields.String(metadata={"description": "A name for readers, made of what differs between the columns."})
    against = fields.String(
        metadata={"description": "The letter of the column that it is compared with; its own letter if there is none."}
    )
    model_name = fields.String()
    host = fields.String()
    sessions = fields.List(
        session_id(), metadata={"description": "One, those of the newest results, or those in the span of time."}
    )
    session_name = fields.String(allow_none=True)
    start = moment("When the session was submitted, or the span begins.")
    end = moment("When the session ended, or the span ends; null if it runs.", allow_none=True)


class CellVerdict(Difference):
    """The difference of a column from the one that it is compared with, and what can be concluded from it."""

    method = fields.String(
        allow_none=True,
        metadata={
            "enum": [*METHODS, None],
            "description": "paired: by block, measured in turn. spread: by how far unchanged sessions lie apart. "
            "runs: by the runs alone, because that is unknown. spans: by the sessions of two spans of time. "
            "null: not compared.",
        },
    )
    unchanged_sessions = fields.Integer(
        metadata={"description": "Number of sessions that the spread comes from; 0 if it is evaluated by runs."}
    )


class ComparedCell(Value):
    """A metric in one column."""

    letter = fields.String()
    against = fields.String(metadata={"description": "The letter of the column that it is compared with."})
    n = fields.Integer(metadata={"description": "Number of runs, or of sessions in a span of time."})
    censored = fields.Integer(metadata={"description": "Number of values only known to be larger than all others."})
    absence = fields.String(metadata={"description": "Why there is no value; empty if there is one."})
    verdict = fields.Nested(
        CellVerdict,
        allow_none=True,
        metadata={"description": "null for the baseline, and if one of both has no value."},
    )


class ComparedRow(MetricAnswer):
    """A metric at a point in all columns."""

    point = point()
    is_headline = fields.Boolean(metadata={"description": "Whether it answers the question of the test type."})
    cells = fields.List(fields.Nested(ComparedCell), metadata={"description": "In the order of the columns."})


class ComparedPoint(Value):
    """A point of a test."""

    point = point()
    verdict = fields.Nested(
        CellVerdict, allow_none=True, metadata={"description": "Against the main point; null for itself."}
    )


class TestPoints(MetricAnswer):
    """The points of one test compared with the point that represents it, paired by block."""

    letter = fields.String()
    main = point()
    points = fields.List(fields.Nested(ComparedPoint))


class ComparedTest(Answer):
    """A test type in all columns."""

    test_type = fields.String()
    question = fields.String(metadata={"description": "The question that it answers; empty if it is unknown."})
    rows = fields.List(
        fields.Nested(ComparedRow),
        metadata={"description": f"Headline metrics, then further ones. {LARGE} headline metrics alone."},
    )
    grades = fields.Dict(
        keys=fields.String(), values=grade(), metadata={"description": "Of the result, by the letter of the column."}
    )
    obstacles = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Why a column is not comparable, by its letter."},
    )
    failed = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Why a column has no results, by its letter."},
    )
    points = fields.List(
        fields.Nested(TestPoints),
        metadata={"description": f"The points of each column's test compared with each other. {LARGE} none."},
    )


class OutcomeCount(Answer):
    """How many headline metrics have an outcome."""

    outcome = outcome()
    count = fields.Integer()
    where = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Letters of columns by test type; empty for unclear outcomes."},
    )


class Alternative(Answer):
    """What is compared: a session with its models, one model of a session, or a span of time."""

    title = fields.String(metadata={"description": "A name for readers, made of what differs."})
    letters = fields.List(fields.String(), metadata={"description": "The letters of its columns."})
    sentence = words("Its outcomes in one sentence; empty if it is compared with nothing.")
    outcomes = fields.List(fields.Nested(OutcomeCount))


class Comparison(Answer):
    """A comparison with a baseline: what differs, each number with its verdict, and how they were evaluated."""

    sentence = words("The outcomes, in a sentence for each alternative; empty if there is nothing to compare.")
    baseline = fields.String(metadata={"description": "The letter of the baseline's column."})
    columns = fields.List(fields.Nested(ComparedColumn))
    alternatives = fields.List(
        fields.Nested(Alternative),
        metadata={"description": "The columns of the page: sessions if several have a model in common, else models."},
    )
    left_out = fields.Integer(metadata={"description": "Number of models for which there was no column left."})
    differences = fields.List(
        fields.Nested(Fact), metadata={"description": "What differs between the columns except their results."}
    )
    outcomes = fields.List(fields.Nested(OutcomeCount))
    methods = fields.List(fields.String(), metadata={"description": "How each column was evaluated, in sentences."})
    together = words("How the many verdicts are controlled together; empty for less than two.")
    tests = fields.List(fields.Nested(ComparedTest))
