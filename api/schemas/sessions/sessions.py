"""Sessions: their state, and lists of them."""

from typing import Any

from marshmallow import fields, post_load, validate

from api.schemas import Answer, Wire
from api.schemas.flag import Flag
from api.schemas.machines.hardware import Hardware
from api.schemas.machines.hosts import option_value
from api.schemas.metrics import Metrics, Stored, Verdict, grade, interval
from api.schemas.results import Page, TestResult, limit, moment, page, session_id
from api.schemas.sessions.runs import StoredRun
from api.schemas.text import LENGTH, Words, clean_lines, own_tags, text
from common.catalogue.effort import Effort
from common.store.reads.states import State
from common.store.tables import Order, Phase, Status

MAX_SESSIONS = 100
"""Maximum number of sessions on a page."""
MAX_NOTE = 4000
RESET: dict[str, object] = {"name": None, "tags": [], "pinned": False, "note": None}
"""What null sets each field of a `SessionPatch` to."""


def group_id() -> fields.String:
    """Return a field for the id that sessions submitted together have in common."""
    description = "The id that sessions submitted together have in common: for all hosts, or repeated; null for others."
    return fields.String(allow_none=True, metadata={"format": "uuid", "description": description})


class Accepted(Answer):
    """The new state of a session."""

    session_id = session_id()
    status = fields.String(metadata={"enum": ["started", Status.ERROR]})
    message = fields.String()


class SessionQuery(Wire):
    search = text(200, metadata={"description": "Text to find in id, name, tags, models, test types and hardware."})
    tags = Words(
        text(255),  # tags of models may be longer than those of users
        load_default=[],
        metadata={"description": "Tags of the user or the models, separated by commas or repeated. All must match."},
    )
    host = text(100, metadata={"description": "The name of a host."})
    group = fields.UUID(metadata={"description": "The id of sessions submitted together."})
    schedule = fields.UUID(metadata={"description": "The id of the schedule that submitted them."})
    series = text(255, metadata={"description": "A series, as `series` of a session names it."})
    status = Words(
        fields.String(validate=validate.OneOf([*State], error="must be one of: {choices}")),
        load_default=[],
        metadata={
            "description": "One state or several, separated by commas or repeated. queued: it waits. running: it is "
            "being measured. completed: at least one test completed. error: it failed. cancelled: it was cancelled. "
            "In answers, a queued session has the status running and the phase queued, and a cancelled one the status "
            "error and the phase cancelled. So `queued,running` are all unfinished sessions.",
        },
    )
    pinned = fields.Boolean(metadata={"description": "true: only pinned sessions. false: only others."})
    page = page()
    limit = limit(20, MAX_SESSIONS)
    results = fields.Boolean(load_default=True, metadata={"description": "Whether to return the results too."})


class SessionOverview(Answer):
    """The fields of every representation of a session."""

    id = fields.String(metadata={"format": "uuid"})
    name = fields.String(allow_none=True)
    date = fields.String(metadata={"format": "date-time"})
    host = fields.String()
    group = group_id()
    schedule = fields.String(
        allow_none=True,
        metadata={"format": "uuid", "description": "The schedule that submitted it; null if none did."},
    )
    series = fields.String(
        allow_none=True,
        metadata={
            "description": "What it shares with the sessions that pages show as one row with it: their name, or else "
            "their schedule or group."
        },
    )
    grade = grade()
    status = fields.String(metadata={"enum": [*Status]})
    phase = fields.String(metadata={"enum": [*Phase]})
    message = fields.String(allow_none=True)
    order = fields.String(metadata={"enum": [*Order]})
    effort = fields.String(
        allow_none=True, metadata={"enum": [*Effort, None], "description": "null: from before efforts existed."}
    )
    tags = fields.List(fields.String(), metadata={"description": "The user's tags."})
    pinned = fields.Boolean(metadata={"description": "true: its runs, readings and logs are never pruned."})
    note = fields.String(allow_none=True, metadata={"description": "What somebody noted about the session."})
    pruned_at = moment(
        "When its runs, readings and logs were deleted because they were older than RETENTION_DAYS. Its metrics are "
        "kept. null: nothing was deleted.",
        allow_none=True,
    )
    imported_at = moment(
        "When it was imported from another Gait. null: it was measured here.",
        allow_none=True,
    )
    hardware = Stored(Hardware, allow_none=True, metadata={"description": "null if no sampler has reported."})


class SessionSummary(SessionOverview):
    """A session, with the results of its finished tests."""

    optional = ("results",)

    models = fields.List(fields.String())
    test_types = fields.List(fields.String())
    results = fields.List(
        fields.Nested(TestResult),
        metadata={"description": "The headline metrics of completed tests. Absent while there are none."},
    )


class SessionPatch(Wire):
    """What to change. A field that is absent stays as it is, and null resets it (JSON Merge Patch, RFC 7396).

    `tags` replaces all tags of the user.
    """

    name = text(200, allow_none=True)
    tags = own_tags(allow_none=True)
    pinned = Flag(allow_none=True)
    note = fields.String(
        allow_none=True,
        validate=[validate.Length(1, MAX_NOTE, error=LENGTH), clean_lines],
        metadata={"description": "Text of one or several lines."},
    )

    @post_load
    def _reset(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401 - as in marshmallow
        return {name: RESET[name] if value is None else value for name, value in data.items()}


class PatchedSession(SessionOverview):
    """A session as it is after a change, without its tests."""

    models = fields.List(fields.String())
    test_types = fields.List(fields.String())


class SessionList(Page):
    """A page of sessions, newest first."""

    sessions = fields.List(fields.Nested(SessionSummary))


class TestAnswer(Answer):
    """The answer of a completed test to the question of its type, in one number."""

    metric = fields.String(metadata={"description": "The metric that the number is computed from."})
    label = fields.String(metadata={"description": "What the number is about, such as `rate kept at depth`."})
    value = fields.Float(allow_none=True)
    unit = fields.String()
    better = fields.String(metadata={"enum": ["lower", "higher", "neither"]})
    ci95 = interval("Its 95 % interval, or the range that a search has left, [low, high]. null: it is unknown.")
    at = fields.String(metadata={"description": "Where it holds, such as `1024 prompt tokens`; empty for one point."})


class Test(Answer):
    """A test of a session."""

    type = fields.String()
    status = fields.String(metadata={"enum": [*Status]})
    phase = fields.String(metadata={"enum": [*Phase]})
    message = fields.String(allow_none=True)
    options = fields.Dict(keys=fields.String(), values=option_value())
    metrics = Stored(Metrics, allow_none=True)
    answer = fields.Nested(
        TestAnswer,
        allow_none=True,
        metadata={"description": "The answer to the question of the test type. null: the test has not completed."},
    )
    grade = grade()
    verdicts = fields.List(
        Stored(Verdict),
        metadata={
            "description": "The verdicts of the metrics. For a test that runs or has failed, those found so far."
        },
    )
    logs = fields.List(fields.String())


class TestedModel(Answer):
    """A model of a session, with its tests."""

    name = fields.String()
    version = fields.String()
    tests = fields.List(fields.Nested(Test))


class SessionDetail(SessionOverview):
    message = fields.String(
        allow_none=True, metadata={"description": "What a waiting session waits for, or why tests failed."}
    )
    """A session with its tests, their metrics and their logs."""

    ollama_version = fields.String(allow_none=True)
    models = fields.List(fields.Nested(TestedModel))


class SessionExport(SessionDetail):
    """A session with its tests and all their runs."""

    runs = fields.List(fields.Nested(StoredRun))
