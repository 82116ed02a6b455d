"""Sessions: how they are asked for, and how they stand."""

from collections import Counter
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from api.schemas import Answer, Wire
from api.schemas.hardware import Hardware
from api.schemas.machines import option_value
from api.schemas.results import TestResult, metrics, page
from api.schemas.text import CONTROL, LENGTH, Words, clean, text
from common.store.tables import Order, Phase, Status
from common.units import model_name

MOST_MODELS = 20
MOST_TAGS = 20


def unique(words: list[str]) -> None:
    twice = [word for word, times in Counter(words).items() if times > 1]
    if twice:
        raise ValidationError(f"must not name {', '.join(twice)} twice")


def no_comma(tag: str) -> None:
    if "," in tag:
        raise ValidationError("must hold no comma: commas part tags in a search")


def group_id() -> fields.String:
    """What sessions share that were submitted at once."""
    described = "What the sessions share that were submitted for all hosts at once; null for any other."
    return fields.String(allow_none=True, metadata={"format": "uuid", "description": described})


class NewSession(Wire):
    models = fields.List(
        text(255),
        required=True,
        validate=[
            validate.Length(1, MOST_MODELS, error="choose {min} to {max} models"),
            lambda names: unique([model_name(name) for name in names]),
        ],
        metadata={"description": "As in GET /models.", "example": ["llama3.2:3b"]},
    )
    test_types = fields.List(
        text(64),
        required=True,
        validate=[validate.Length(1, error="choose at least one"), unique],
        metadata={"description": "As in GET /test-types.", "example": ["ttft", "decode"]},
    )
    order = fields.Enum(
        Order,
        by_value=True,
        load_default=Order.SEQUENTIAL,
        metadata={
            "description": "Whose run comes next with several models: one test is run after the other, or the "
            "models take turns under each test type, by lot, so that a drift of the machine falls on all of them."
        },
    )
    name = text(200, load_default=None)
    tags = fields.List(
        fields.String(
            validate=[validate.Length(1, 64, error=LENGTH), clean, no_comma], metadata={"pattern": f"^[^,{CONTROL}]*$"}
        ),
        load_default=list,
        validate=validate.Length(max=MOST_TAGS, error="at most {max} tags"),
    )
    host = text(
        100,
        load_default=None,
        metadata={
            "description": "A machine of GET /hosts, the first if left out; `any`: of those that have all the models "
            "the one with the fewest sessions; `all`: a session on each of them."
        },
    )
    options = fields.Dict(
        keys=text(64),
        values=fields.Dict(keys=text(64), values=fields.Raw()),
        load_default=dict,
        metadata={
            "description": "Options by test type, as in GET /test-types.",
            "example": {"decode": {"outputTokens": 64}},
        },
    )

    @post_load
    def _full_names(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401 - as marshmallow has it
        return {**data, "models": [model_name(name) for name in data["models"]]}


class Idempotency(Wire):
    key = text(
        255,
        data_key="Idempotency-Key",
        load_default=None,
        metadata={"description": "The same key and body give the same session; another body gives 409."},
    )


class Accepted(Answer):
    """Of `POST /test-sessions` and of a cancellation."""

    session_id = fields.String()
    status = fields.String(metadata={"enum": ["started", Status.ERROR]})
    message = fields.String()


class Placed(Answer):
    session_id = fields.String(metadata={"format": "uuid"})
    host = fields.String()


class Submitted(Accepted):
    """The first session's id, and where each of them runs."""

    sessions = fields.List(fields.Nested(Placed), metadata={"description": "One, unless asked for on all hosts."})
    group = group_id()


class SessionQuery(Wire):
    search = text(200, metadata={"description": "Text in id, name, tags, models, test types and hardware."})
    tags = Words(
        text(64),
        load_default=[],
        metadata={"description": "Tags that must all match, the user's or the models', by comma or repeated."},
    )
    host = text(100, metadata={"description": "The name of a host."})
    group = fields.UUID(metadata={"description": "Of sessions that were submitted for all hosts at once."})
    page = page()
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    results = fields.Boolean(load_default=True, metadata={"description": "Whether to give the results too."})


class Standing(Answer):
    """What every view of a session has."""

    id = fields.String(metadata={"format": "uuid"})
    name = fields.String(allow_none=True)
    date = fields.String(metadata={"format": "date-time"})
    host = fields.String()
    group = group_id()
    status = fields.String(metadata={"enum": [*Status]})
    phase = fields.String(metadata={"enum": [*Phase]})
    message = fields.String(allow_none=True)
    order = fields.String(metadata={"enum": [*Order]})
    tags = fields.List(fields.String(), metadata={"description": "The user's own."})
    hardware = fields.Nested(Hardware, allow_none=True, metadata={"description": "null until the session starts."})


class SessionSummary(Standing):
    sometimes = ("results",)

    models = fields.List(fields.String())
    test_types = fields.List(fields.String())
    results = fields.List(fields.Nested(TestResult), metadata={"description": "Left out while there are none."})


class SessionList(Answer):
    sessions = fields.List(fields.Nested(SessionSummary))
    total = fields.Integer()
    page = fields.Integer()
    limit = fields.Integer()


class Test(Answer):
    type = fields.String()
    status = fields.String(metadata={"enum": [*Status]})
    phase = fields.String(metadata={"enum": [*Phase]})
    message = fields.String(allow_none=True)
    options = fields.Dict(keys=fields.String(), values=option_value())
    metrics = metrics(allow_none=True)
    logs = fields.List(fields.String())


class TestedModel(Answer):
    name = fields.String()
    version = fields.String()
    tests = fields.List(fields.Nested(Test))


class SessionDetail(Standing):
    ollama_version = fields.String(allow_none=True)
    models = fields.List(fields.Nested(TestedModel))
