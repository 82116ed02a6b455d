"""The machines under test: their models, their state; and what can be tested on them."""

from typing import Any

from marshmallow import fields

from api.schemas import Answer, Wire
from api.schemas.text import text


def option_value(**options: Any) -> fields.Raw:  # noqa: ANN401 - as marshmallow has it
    """A whole number, a list of them, or null."""
    kinds = [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]
    metadata = {"oneOf": kinds, "nullable": True, **options.pop("metadata", {})}
    return fields.Raw(allow_none=True, metadata=metadata, **options)


class OnHost(Wire):
    host = text(100, metadata={"description": "A machine under test; the first one if left out. GET /hosts has them."})


class InstalledModel(Answer):
    name = fields.String(metadata={"description": "What a session is asked for.", "example": "llama3.2:3b"})
    tags = fields.List(
        fields.String(), metadata={"description": "Its tag, family, parameter size, quantisation and capabilities."}
    )
    capabilities = fields.List(
        fields.String(), allow_none=True, metadata={"description": "null if the host did not tell in time."}
    )
    version = fields.String(metadata={"description": "The short digest."})
    size = fields.Integer(metadata={"description": "bytes"})
    modified = fields.String(allow_none=True, metadata={"format": "date-time"})


class InstalledModels(Answer):
    models = fields.List(fields.Nested(InstalledModel))


class LoadedModel(Answer):
    name = fields.String()
    size = fields.Integer(metadata={"description": "bytes"})
    size_vram = fields.Integer(metadata={"description": "bytes of it on a GPU; the rest runs on the CPU."})
    context = fields.Integer(allow_none=True, metadata={"description": "The context it was loaded with, in tokens."})
    expires = fields.String(
        allow_none=True, metadata={"format": "date-time", "description": "When it leaves if nobody asks for it."}
    )


class Queue(Answer):
    waiting = fields.Integer(metadata={"description": "How many sessions wait for this host."})
    oldest = fields.Integer(
        allow_none=True, metadata={"description": "Milliseconds since the first of them was submitted."}
    )


class CurrentSession(Answer):
    id = fields.String(metadata={"format": "uuid"})
    name = fields.String(allow_none=True)
    model = fields.String(allow_none=True)
    test_type = fields.String(allow_none=True)
    progress = fields.Float(allow_none=True, metadata={"description": "percent of the test; null before its first."})
    session_progress = fields.Float(allow_none=True, metadata={"description": "percent of the whole session"})


class Sampler(Answer):
    age = fields.Integer(metadata={"description": "Milliseconds since its last reading."})
    hz = fields.Float(allow_none=True, metadata={"description": "Readings a second, by its last ones."})
    missing = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        allow_none=True,
        metadata={"description": "What it cannot read on that machine, and why; null if it has not told."},
    )


class Host(Answer):
    name = fields.String()
    url = fields.String()
    reachable = fields.Boolean(metadata={"description": "Whether its Ollama answers."})
    reason = fields.String(allow_none=True, metadata={"description": "Why it is not reachable."})
    advice = fields.String(allow_none=True, metadata={"description": "What to do about it."})
    version = fields.String(allow_none=True, metadata={"description": "Ollama's version."})
    loaded = fields.List(
        fields.Nested(LoadedModel), allow_none=True, metadata={"description": "In memory now; null if unreachable."}
    )
    queue = fields.Nested(Queue)
    session = fields.Nested(CurrentSession, allow_none=True, metadata={"description": "The one that runs there now."})
    sampler = fields.Nested(Sampler, allow_none=True, metadata={"description": "null if none has reported."})


class Hosts(Answer):
    hosts = fields.List(fields.Nested(Host))


class Option(Answer):
    name = fields.String()
    unit = fields.String()
    default = option_value(metadata={"description": "null: as much as the test needs."})
    minimum = fields.Integer()
    maximum = fields.Integer()
    description = fields.String()
    many = fields.Boolean(
        attribute="multiple",
        metadata={"description": "Whether a list may be given; the test is measured at each value."},
    )


class TestType(Answer):
    name = fields.String()
    question = fields.String(metadata={"description": "What the test type answers."})
    headline = fields.String(metadata={"description": "The metric by which it is read first."})
    options = fields.List(fields.Nested(Option))


class TestTypes(Answer):
    test_types = fields.List(fields.Nested(TestType))
