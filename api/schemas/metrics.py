"""The metrics of a test. The schemas only describe them: they are given as they are stored."""

from typing import Any

from marshmallow import fields

from api.schemas import Answer, Wire
from common.catalogue.grades import SENTENCES
from common.catalogue.metrics import METRICS
from common.catalogue.verdicts.verdict_type import Grade


class Stored(fields.Nested):
    """An object that is given as it is: as it is stored, because it may be large, or as it was serialised before."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:  # type: ignore[override] # noqa: ANN401 - no name is passed
        return value


def point() -> fields.Dict:
    description = "The values that were measured at, such as `promptTokens`. It is empty for the whole test."
    return fields.Dict(keys=fields.String(), metadata={"description": description})


def interval(description: str) -> fields.List[float]:
    """Return a field of two bounds. The upper one, or both, may be unknown."""
    return fields.List(fields.Float(allow_none=True), allow_none=True, metadata={"description": description})


def grade() -> fields.String:
    """Return a field for the grade of a result."""
    meanings = " ".join(f"{grade or 'null'}: {meaning}" for grade, meaning in SENTENCES.items())
    return fields.String(allow_none=True, metadata={"enum": [*Grade, None], "description": meanings})


class FirstSample(Answer):
    """The value of the first run."""

    value = fields.Float(allow_none=True, metadata={"description": "null if it is censored."})
    outlier = fields.Boolean(allow_none=True, metadata={"description": "null if that is unknown."})


class Drift(Answer):
    """The trend of runs in their order."""

    slope = fields.Float(metadata={"description": "The change from one run to the next."})
    ci95 = interval("Its 95 % interval, [low, high], which allows for autocorrelated runs.")
    share = fields.Float(allow_none=True, metadata={"description": "The change from first to last in percent."})


class Statistics(Answer):
    """The distribution of a metric at a point. A value that needs more samples, or is censored, is null.

    `value`, `median`, `ci95`, `outliers`, `first` and `drift` are of one value per run, the others of all values.
    """

    optional = (
        *("runs", "censored", "median", "mad", "mean", "sd", "ci95", "min", "max", "p95", "p95ci95", "p99", "p99ci95"),
        *("outliers", "first", "drift"),
    )

    value = fields.Float(
        allow_none=True, metadata={"description": "The value of the metric, which is the median over the runs."}
    )
    unit = fields.String()
    n = fields.Integer(metadata={"description": "Number of values: of requests, or of runs."})
    runs = fields.Integer(
        metadata={"description": "Number of runs. Without it, an earlier release computed the intervals by bootstrap."}
    )
    censored = fields.Integer(
        metadata={"description": "Number of values that are only known to be larger than all others."}
    )
    median = fields.Float(allow_none=True)
    mad = fields.Float(allow_none=True, metadata={"description": "Median absolute deviation."})
    mean = fields.Float(allow_none=True)
    sd = fields.Float(allow_none=True, metadata={"description": "Standard deviation."})
    ci95 = interval(
        "The 95 % interval of the median, [low, high]; null for fewer than 6 runs. A bound is null if it is censored."
    )
    min = fields.Float(allow_none=True)
    max = fields.Float(allow_none=True)
    p95 = fields.Float(allow_none=True, metadata={"description": "The 95th percentile, from 59 values."})
    p95ci95 = interval("The 95 % interval of p95, by runs as clusters.")
    p99 = fields.Float(allow_none=True, metadata={"description": "The 99th percentile, from 299 values."})
    p99ci95 = interval("The 95 % interval of p99, by runs as clusters.")
    outliers = fields.List(fields.Integer(), metadata={"description": "Positions of outliers among the runs."})
    first = fields.Nested(FirstSample)
    drift = fields.Nested(Drift, allow_none=True)


def statistics() -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.Nested(Statistics), metadata={"description": "By metric."})


class Headline(Answer):
    """The metric by which a test is read first, and the point that represents the test."""

    name = fields.String(metadata={"example": "decodeTokensPerSecond"})
    unit = fields.String(metadata={"example": "tokens/s"})
    point = point()


class PointMetrics(Answer):
    """The metrics at one of several points of a test."""

    point = point()
    runs = fields.Integer(metadata={"description": "Number of runs."})
    statistics = statistics()


class Verdict(Answer):
    """A fact that affects a result, or why an attempt was rejected."""

    optional = ("repetitions",)

    name = fields.String(metadata={"example": "thermal-throttling"})
    severity = fields.String(metadata={"enum": ["rejects", "flags"]})
    evidence = fields.Dict(keys=fields.String(), metadata={"description": "The numbers behind it."})
    advice = fields.String()
    point = point()
    repetitions = fields.List(fields.Integer(), metadata={"description": "Numbers of the runs that it is on."})


class RunCounts(Answer):
    """Numbers of counted runs and of rejected attempts."""

    counted = fields.Integer()
    rejected = fields.Integer()
    rejection_rate = fields.Float()


class HeadlineMetrics(Wire):
    """The metrics of a test as numbers by name, and its result in one sentence. Unknown values are null or absent."""

    class Meta(Answer.Meta):
        include = {  # noqa: RUF012 - as in marshmallow
            name: fields.Float(allow_none=True, metadata={"description": f"{metric.unit}: {metric.description}"})
            for name, metric in METRICS.items()
        }

    headline = fields.Nested(Headline, allow_none=True)
    finding = fields.String(allow_none=True, metadata={"description": "The result in one sentence."})
    statistics = statistics()


class Metrics(HeadlineMetrics):
    """The metrics of a test: numbers by name, and what they were computed from. Unknown values are null or absent."""

    points = fields.List(fields.Nested(PointMetrics), metadata={"description": "Empty if the test has one point."})
    verdicts = fields.List(fields.Nested(Verdict))
    runs = fields.Nested(RunCounts, allow_none=True)
    phases = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(allow_none=True),
        metadata={
            "description": "idle, load, prefill, decode: readings, duration, energy, and mean and peak of each value; "
            "null for a phase that did not occur."
        },
    )
    peaks = fields.Dict(
        keys=fields.String(),
        values=fields.Float(allow_none=True),
        metadata={"description": "The maximum of each value in the readings of the measured runs."},
    )
    readings = fields.Integer(allow_none=True, metadata={"description": "Number of readings of the machine."})
    software = fields.Dict(
        allow_none=True,
        metadata={
            "description": "The model's digest, ollamaVersion, engine, and the server's settings; null where unknown."
        },
    )
    clock = fields.String(
        allow_none=True, metadata={"enum": ["kernel", "client", None], "description": "The clock of the time stamps."}
    )
