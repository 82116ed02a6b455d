"""The parts of a session document, as JSON. docs/session-document.md explains them.

Times are ISO 8601 in UTC with microseconds. `test` is the position of a test in its session.
"""

from typing import Any, Literal, NotRequired, TypedDict

from api.formats.documents.checks.declared_types import Lenient
from common.catalogue.test_type import Point
from common.records.machine import BaselineRecord, Observation, Peaks
from common.records.runs import Metrics, RunRecord, SoftwareRecord
from common.records.test_metrics import Headline, PointMetrics, RunCounts
from common.records.verdicts import VerdictRecord
from common.stats.distribution import Distribution, Distributions
from common.values.free_json import Json

SCHEMA = "gait-session/1"
"""The version of the document. It changes when a reader of the earlier version would misread the new one."""

Ended = Literal["completed", "error"]
EndedPhase = Literal["finished", "cancelled"]


class ModelPart(TypedDict):
    """A model as it was submitted, or as measured if it was pulled again before its first run."""

    name: str
    version: str
    digest: str | None
    size: int | None
    tags: list[str]


class SessionPart(TypedDict):
    """A session that has ended. Runs, readings and logs that had become old were deleted at `prunedAt`."""

    id: str
    group: str | None
    name: str | None
    host: str
    machine: str
    status: Ended
    phase: EndedPhase
    message: str | None
    models: list[ModelPart]
    testTypes: list[str]
    order: Literal["sequential", "interleaved"]
    effort: str | None
    tags: list[str]
    note: str | None
    ollamaVersion: str | None
    createdAt: str
    startedAt: str | None
    finishedAt: str | None
    prunedAt: str | None
    hasRawData: bool


class HardwarePart(TypedDict):
    """The inventory that the session was measured with. `digest` and `fingerprint` follow from it."""

    digest: str
    fingerprint: str
    inventory: Json


class HeadlinePart(TypedDict):
    """The metrics by name, which are numbers or null, with the headline metric and the finding."""

    headline: NotRequired[Headline | None]
    finding: NotRequired[str | None]


class DetailsPart(TypedDict, total=False):
    """What neither lists nor histories read of a result."""

    points: list[PointMetrics]
    verdicts: list[VerdictRecord]
    runs: RunCounts | None
    phases: dict[str, Observation | None]
    peaks: Peaks
    readings: int | None
    clock: str | None


class ResultPart(TypedDict):
    """The metrics of a completed test."""

    metrics: HeadlinePart
    software: SoftwareRecord | None
    statistics: Distributions | None
    details: DetailsPart | None
    grade: Literal["clean", "noisy", "disturbed"] | None


class TestPart(TypedDict):
    """A test with its result, null unless it has completed."""

    position: int
    model: str
    testType: str
    options: dict[str, Any]
    status: Ended
    phase: EndedPhase
    message: str | None
    baseline: BaselineRecord | None
    verdicts: list[VerdictRecord] | None
    startedAt: str | None
    finishedAt: str | None
    result: ResultPart | None


class RunPart(TypedDict):
    """A run of a test."""

    test: int
    conditions: Point
    repetition: int
    at: str
    metrics: Metrics
    record: RunRecord


class LogPart(TypedDict):
    """A line of a test's log."""

    test: int
    at: str
    text: str


class ReadingsPart(TypedDict):
    """Stored readings from `start` to `end` in ms, as docs/data.md describes them, in base64."""

    start: int
    end: int
    data: str


class Document(TypedDict):
    """A session with its tests, results, runs, logs, hardware and readings."""

    schema: Literal["gait-session/1"]
    session: SessionPart
    hardware: HardwarePart | None
    tests: list[TestPart]
    runs: list[RunPart]
    logs: list[LogPart]
    readings: list[ReadingsPart]


PARTS: dict[str, Any] = {"session": SessionPart, "hardware": HardwarePart | None}
"""The parts that are read whole."""
LISTS: dict[str, Any] = {"tests": TestPart, "runs": RunPart, "logs": LogPart, "readings": ReadingsPart}
"""The parts that are read entry by entry, because a session has any number of them."""
CLOSED: frozenset[type] = frozenset(
    (SessionPart, HardwarePart, TestPart, ResultPart, RunPart, LogPart, ReadingsPart, ModelPart)
)
"""The parts whose fields are columns: nothing else could be stored."""
LENIENT: Lenient = frozenset(
    {(Distribution, name) for name in Distribution.__required_keys__ - {"value", "unit", "n"}}
    | {(RunRecord, name) for name in RunRecord.__required_keys__}
)
"""Fields that data of earlier releases may lack. Their readers take them for unknown."""
