"""The tables: sessions, their tests, one for each model and test type, and their runs. Times are UTC without a zone."""

from enum import StrEnum

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
)

from common.records.machine import BaselineRecord
from common.records.runs import Metrics, RunRecord, SoftwareRecord
from common.records.test_metrics import whole
from common.records.verdicts import VerdictRecord
from common.stats.distribution import Distributions
from common.store.database import database
from common.store.fields import Conditions, JsonColumn, ShortText, Text
from common.values.free_json import Json


class Status(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    ERROR = "error"


ENDED = (Status.COMPLETED, Status.ERROR)


class Order(StrEnum):
    """The order of runs in a session of several models."""

    SEQUENTIAL = "sequential"  # all runs of one test, then the next test
    INTERLEAVED = "interleaved"  # the models in random order, so that a drift of the machine affects all of them


class Phase(StrEnum):
    """The activity of a session or a test, in more detail than its status."""

    QUEUED = "queued"
    PREPARING = "preparing"
    WARMING_UP = "warming-up"
    MEASURING = "measuring"
    FINISHED = "finished"
    CANCELLED = "cancelled"


STAGED = "importing"
"""The status of a session that is being imported, and of its tests, which no list and no page shows."""


class Table(Model):
    class Meta:
        database = database
        legacy_table_names = False


class Hardware(Table):
    """An inventory as a sampler described it, which never changes. `fingerprint` says which machine it is.

    Searches look in `text`.
    """

    digest = ShortText(primary_key=True, max_length=16)
    fingerprint = ShortText(max_length=16, index=True)
    inventory: JsonColumn[Json] = JsonColumn()
    text = Text()


class Session(Table):
    """A submitted session. `models` is a list of {name, version, digest, size, tags}.

    It waits for its `machine`, which the submission named. `claim` identifies the worker that may write.
    Sessions submitted together share a `group`. `schedule` is the id of the one that submitted it, or None. `owner` is
    the start of the digest of the key that submitted it, None without keys. `imported_at` is set for a session that
    another Gait measured. `idempotency_key` is a digest of the owner and of the request's key. Old sessions have no
    `effort`. Lists show sessions of one `series` as one row. `grade` is the worst of its results, None if unknown.

    `pruned_at` is when its runs, readings and log lines began to be deleted, because they had become old. Until all of
    them are, it `has_raw_data`. One that is `unevaluated` is looked at when it has ended: scheduler/regressions.
    """

    id = ShortText(primary_key=True, max_length=36)
    group = ShortText(null=True, max_length=36, index=True)
    schedule = ShortText(null=True, max_length=36)
    name = ShortText(null=True)
    host = ShortText()
    machine = ShortText()
    status = ShortText(max_length=16, default=Status.RUNNING)
    phase = ShortText(max_length=16, default=Phase.QUEUED)
    message = Text(null=True)
    models: JsonColumn[list[Json]] = JsonColumn()
    test_types: JsonColumn[list[str]] = JsonColumn()
    order = ShortText(max_length=16, default=Order.SEQUENTIAL)
    effort = ShortText(null=True, max_length=16)
    tags: JsonColumn[list[str]] = JsonColumn()
    hardware = ForeignKeyField(Hardware, null=True, backref="sessions")
    ollama_version = ShortText(null=True, max_length=64)
    created_at = DateTimeField()
    started_at = DateTimeField(null=True)
    finished_at = DateTimeField(null=True)
    idempotency_key = ShortText(null=True, unique=True)
    request_digest = ShortText(max_length=64)
    owner = ShortText(null=True, max_length=16)
    claim = ShortText(null=True, max_length=36)
    failed_claims = IntegerField(default=0)
    imported_at = DateTimeField(null=True, index=True)
    pinned = BooleanField(default=False)
    note = Text(null=True)
    pruned_at = DateTimeField(null=True)
    has_raw_data = BooleanField(default=True)
    unevaluated = BooleanField(default=True)
    series = ShortText(null=True)
    grade = ShortText(null=True, max_length=16)
    tests: "list[Test]"

    class Meta:
        indexes = (
            (("created_at", "id", "status", "phase"), False),
            (("status", "created_at", "id"), False),
            (("status", "owner"), False),
            (("status", "machine", "host", "phase"), False),
            (("host", "created_at", "id", "status", "phase"), False),
            (("schedule", "created_at", "id"), False),
            (("status", "phase", "created_at", "id"), False),
            (("pinned", "created_at", "id"), False),
            (("has_raw_data", "finished_at"), False),
            (("unevaluated", "finished_at"), False),
            (("series", "created_at", "id"), False),
        )


class Test(Table):
    """One model under one test type. `host` and `inventory` are those of its session, to find results by them.

    `inventory` is the key of its hardware, None if it is unknown. `baseline` is the idle baseline {start, end, usage,
    observed}, None if it was not recorded. `verdicts` are those that were found during the measurement, for the worker
    that resumes it. None means none.
    """

    id = AutoField()
    session = ForeignKeyField(Session, backref="tests", on_delete="CASCADE", index=False)
    position = IntegerField()
    model = ShortText()
    test_type = ShortText(max_length=64)
    options: JsonColumn[Json] = JsonColumn()
    status = ShortText(max_length=16, default=Status.RUNNING)
    phase = ShortText(max_length=16, default=Phase.QUEUED)
    message = Text(null=True)
    baseline: JsonColumn[BaselineRecord | None] = JsonColumn(null=True)
    verdicts: JsonColumn[list[VerdictRecord] | None] = JsonColumn(null=True)
    started_at = DateTimeField(null=True)
    finished_at = DateTimeField(null=True)
    host = ShortText(default="")
    inventory = ShortText(null=True, max_length=16)
    session_id: str
    runs: "list[Run]"
    log_lines: "list[LogLine]"
    results: "list[Result]"

    class Meta:
        indexes = (
            (("session", "model", "test_type"), True),
            (("status", "finished_at", "id"), False),
            (("status", "model", "finished_at"), False),
            (("status", "model", "test_type", "finished_at", "host"), False),
            (("status", "test_type", "finished_at"), False),
            (("status", "test_type", "model", "host", "finished_at", "session"), False),
            (("status", "host", "finished_at"), False),
            (("status", "inventory", "finished_at"), False),
        )

    @property
    def metrics(self) -> Json | None:
        """The metrics of `TestMetrics` as stored, None until the test has completed. They may be read only now."""
        return next((result.whole for result in self.results), None)

    @property
    def grade(self) -> str | None:
        return next((result.grade for result in self.results), None)


class Result(Table):
    """The metrics of a completed test. Its ten kilobytes would slow down all that reads tests.

    A column has what is read together, because databases unpack whole JSON values. Lists read the headline `metrics`,
    histories one of the `statistics` and the `software`. `details` are the rest. `grade` is None if it is unknown.
    """

    test = ForeignKeyField(Test, primary_key=True, backref="results", on_delete="CASCADE")
    metrics: JsonColumn[Json] = JsonColumn()
    software: JsonColumn[SoftwareRecord | None] = JsonColumn(null=True)
    statistics: JsonColumn[Distributions | None] = JsonColumn(null=True)
    details: JsonColumn[Json | None] = JsonColumn(null=True)
    grade = ShortText(null=True, max_length=16)
    test_id: int

    @property
    def whole(self) -> Json:
        """All metrics in one, as `TestMetrics` reads them."""
        return whole(self.metrics, self.software, self.statistics, self.details)


class Run(Table):
    """One run of a test, at `conditions` such as `{"promptTokens": 1024}`. `repetition` counts runs at the same ones.

    `record` is the data behind the `metrics`.
    """

    id = AutoField()
    test = ForeignKeyField(Test, backref="runs", on_delete="CASCADE", index=False)
    conditions = Conditions()
    repetition = IntegerField()
    at = DateTimeField()
    metrics: JsonColumn[Metrics] = JsonColumn()
    record: JsonColumn[RunRecord] = JsonColumn()
    test_id: int

    class Meta:
        indexes = ((("test", "conditions", "repetition"), True),)


class LogLine(Table):
    id = AutoField()
    test = ForeignKeyField(Test, backref="log_lines", on_delete="CASCADE")
    at = DateTimeField()
    text = Text()
    test_id: int


class ReadingChunk(Table):
    """Some of the host's readings while the session ran, from `start` to `end` in ms of Redis's clock.

    `data` is encoded by common.records.series.
    """

    id = AutoField()
    session = ForeignKeyField(Session, backref="reading_chunks", on_delete="CASCADE", index=False)
    start = BigIntegerField()
    end = BigIntegerField()
    data = BlobField()

    class Meta:
        indexes = ((("session", "start"), True),)
