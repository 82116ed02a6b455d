"""Sessions: the body to submit one, and its state."""

from collections import Counter
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validate

from api.schemas import Answer, Wire
from api.schemas.hardware import Hardware
from api.schemas.machines import option_value
from api.schemas.metrics import Metrics, Stored, Verdict
from api.schemas.results import Page, TestResult, limit, page, session_id
from api.schemas.runs import StoredRun
from api.schemas.text import CONTROL, LENGTH, Words, clean, text
from common.catalogue.effort import DESCRIPTIONS, Effort
from common.store.tables import Order, Phase, Status
from common.units import model_name

MAX_MODELS = 20
MAX_TAGS = 20
MAX_REPEATS = 20
MAX_SESSIONS = 100
"""Maximum number of sessions on a page."""


def unique(words: list[str]) -> None:
    repeated = [word for word, count in Counter(words).items() if count > 1]
    if repeated:
        raise ValidationError(f"must not contain {', '.join(repeated)} twice")


def no_comma(tag: str) -> None:
    if "," in tag:
        raise ValidationError("must not contain a comma, because commas separate tags in a search")


def group_id() -> fields.String:
    """Return a field for the id that sessions submitted together have in common."""
    description = "The id that sessions submitted together have in common: for all hosts, or repeated; null for others."
    return fields.String(allow_none=True, metadata={"format": "uuid", "description": description})


class NewSession(Wire):
    """A session to submit."""

    models = fields.List(
        text(255),
        required=True,
        validate=[
            validate.Length(1, MAX_MODELS, error="choose {min} to {max} models"),
            lambda names: unique([model_name(name).casefold() for name in names]),
        ],
        metadata={"description": "Models of GET /models.", "example": ["llama3.2:3b"]},
    )
    test_types = fields.List(
        text(64),
        required=True,
        validate=[validate.Length(1, error="choose at least one"), unique],
        metadata={"description": "Test types of GET /test-types.", "example": ["ttft", "decode"]},
    )
    order = fields.Enum(
        Order,
        by_value=fields.String,
        load_default=Order.SEQUENTIAL,
        allow_none=True,
        metadata={
            "description": "The order of runs with several models. sequential: one test after the other. interleaved: "
            "one run of each model under a test type in random order, then again, so that a drift of the machine "
            "affects all of them. "
            "Default: sequential."
        },
    )
    effort = fields.Enum(
        Effort,
        by_value=fields.String,
        load_default=Effort.STANDARD,
        allow_none=True,
        metadata={
            "description": "How often each point is measured. "
            + " ".join(f"{name}: {text}." for name, text in DESCRIPTIONS.items())
            + " The options minRepetitions, maxRepetitions and precision override it. Default: standard."
        },
    )
    repeat = fields.Integer(
        strict=True,
        load_default=1,
        allow_none=True,
        validate=validate.Range(1, MAX_REPEATS, error="must be from {min} to {max}"),
        metadata={
            "description": "Number of sessions that run one after the other, all with this body. The spread between "
            "them says which changes this machine can show. Default: 1."
        },
    )
    name = text(200, load_default=None)
    tags = fields.List(
        fields.String(
            validate=[validate.Length(1, 64, error=LENGTH), clean, no_comma], metadata={"pattern": f"^[^,{CONTROL}]*$"}
        ),
        load_default=list,
        allow_none=True,
        validate=validate.Length(max=MAX_TAGS, error="at most {max} tags"),
    )
    host = text(
        100,
        load_default=None,
        metadata={
            "description": "A host of GET /hosts. Default: the first. `any`: the host with the smallest number of "
            "sessions that has all the models. `all`: a session on each host."
        },
    )
    options = fields.Dict(
        keys=text(64),
        values=fields.Dict(keys=text(64), values=fields.Raw()),
        load_default=dict,
        allow_none=True,
        metadata={
            "description": "Options by test type. GET /test-types lists them.",
            "example": {"decode": {"outputTokens": 64}},
        },
    )

    @pre_load
    def _without_nulls(self, data: Any, **_: Any) -> Any:  # noqa: ANN401 - as in marshmallow
        """Leave out what is null, as clients of typed languages write what is absent."""
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data

    @post_load
    def _full_names(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401 - as in marshmallow
        return {**data, "models": [model_name(name) for name in data["models"]]}


class Idempotency(Wire):
    key = text(
        255,
        data_key="Idempotency-Key",
        load_default=None,
        metadata={"description": "The same key and body return the same session. Another body gives 409."},
    )


class Accepted(Answer):
    """The new state of a session."""

    session_id = session_id()
    status = fields.String(metadata={"enum": ["started", Status.ERROR]})
    message = fields.String()


class PlacedSession(Answer):
    """A submitted session, and its host."""

    session_id = session_id()
    host = fields.String()


class Submitted(Accepted):
    """The submitted sessions. `sessionId` is the id of the first."""

    sessions = fields.List(
        fields.Nested(PlacedSession),
        metadata={
            "description": "One session, or one for each host if host is `all`, and each as often as `repeat` says."
        },
    )
    group = group_id()


class SessionQuery(Wire):
    search = text(200, metadata={"description": "Text to find in id, name, tags, models, test types and hardware."})
    tags = Words(
        text(255),  # tags of models may be longer than those of users
        load_default=[],
        metadata={"description": "Tags of the user or the models, separated by commas or repeated. All must match."},
    )
    host = text(100, metadata={"description": "The name of a host."})
    group = fields.UUID(metadata={"description": "The id of sessions submitted together."})
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
    status = fields.String(metadata={"enum": [*Status]})
    phase = fields.String(metadata={"enum": [*Phase]})
    message = fields.String(allow_none=True)
    order = fields.String(metadata={"enum": [*Order]})
    effort = fields.String(
        allow_none=True, metadata={"enum": [*Effort, None], "description": "null: from before efforts existed."}
    )
    tags = fields.List(fields.String(), metadata={"description": "The user's tags."})
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


class SessionList(Page):
    """A page of sessions, newest first."""

    sessions = fields.List(fields.Nested(SessionSummary))


class Test(Answer):
    """A test of a session."""

    type = fields.String()
    status = fields.String(metadata={"enum": [*Status]})
    phase = fields.String(metadata={"enum": [*Phase]})
    message = fields.String(allow_none=True)
    options = fields.Dict(keys=fields.String(), values=option_value())
    metrics = Stored(Metrics, allow_none=True)
    verdicts = fields.List(
        Stored(Verdict),
        metadata={
            "description": "Those of the metrics. Of a test that runs or has failed, those that were found so far."
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
