"""The submission of a session: its body, and the answer."""

from collections import Counter
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validate

from api.schemas import Answer, Wire
from api.schemas.results import session_id
from api.schemas.sessions.sessions import Accepted, group_id
from api.schemas.text import own_tags, text
from common.catalogue.effort import DESCRIPTIONS, Effort
from common.store.tables import Order
from common.values.units import model_name

MAX_MODELS = 20
MAX_REPEATS = 20


def unique(words: list[str]) -> None:
    repeated = [word for word, count in Counter(words).items() if count > 1]
    if repeated:
        raise ValidationError(f"must not contain {', '.join(repeated)} twice")


class Whole(fields.Integer):
    """A whole number. JSON writes 12 as 12.0 too."""

    def _validated(self, value: Any) -> int:  # noqa: ANN401 - as in marshmallow
        is_whole = isinstance(value, float) and value.is_integer()
        return super()._validated(int(value) if is_whole else value)


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
    repeat = Whole(
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
    tags = own_tags(load_default=list, allow_none=True)
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
