"""The machines under test: their models, their state; and what can be tested on them."""

from typing import Any

from marshmallow import fields

from api.schemas import Wire
from api.schemas.text import text


def option_value(**options: Any) -> fields.Raw:  # noqa: ANN401 - as marshmallow has it
    """A whole number, a list of them, or null."""
    kinds = [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]
    metadata = {"oneOf": kinds, "nullable": True, **options.pop("metadata", {})}
    return fields.Raw(allow_none=True, metadata=metadata, **options)


class OnHost(Wire):
    host = text(100, metadata={"description": "A machine under test; the first one if left out. GET /hosts has them."})


class InstalledModel(Wire):
    name = fields.String(metadata={"description": "What a session is asked for.", "example": "llama3.2:3b"})
    tags = fields.List(
        fields.String(), metadata={"description": "Its tag, family, parameter size, quantisation and capabilities."}
    )
    version = fields.String(metadata={"description": "The short digest."})
    size = fields.Integer(metadata={"description": "bytes"})
    modified = fields.String(allow_none=True, metadata={"format": "date-time"})


class InstalledModels(Wire):
    models = fields.List(fields.Nested(InstalledModel))


class Sampler(Wire):
    age = fields.Integer(
        allow_none=True, metadata={"description": "Milliseconds since its last reading; null if there is none."}
    )


class Host(Wire):
    name = fields.String()
    url = fields.String()
    reachable = fields.Boolean(metadata={"description": "Whether its Ollama answers."})
    version = fields.String(allow_none=True, metadata={"description": "Ollama's version."})
    loaded = fields.List(
        fields.String(), allow_none=True, metadata={"description": "The models in memory; null if unreachable."}
    )
    waiting = fields.Integer(metadata={"description": "How many sessions wait for this host."})
    session = fields.String(allow_none=True, metadata={"description": "The session that runs there now."})
    sampler = fields.Nested(Sampler)


class Hosts(Wire):
    hosts = fields.List(fields.Nested(Host))


class Option(Wire):
    name = fields.String()
    unit = fields.String()
    default = option_value(metadata={"description": "null: as much as the test needs."})
    minimum = fields.Integer()
    maximum = fields.Integer()
    description = fields.String()
    many = fields.Boolean(metadata={"description": "Whether a list may be given; the test is measured at each value."})


class TestType(Wire):
    name = fields.String()
    question = fields.String(metadata={"description": "What the test type answers."})
    headline = fields.String(metadata={"description": "The metric by which it is read first."})
    options = fields.List(fields.Nested(Option))


class TestTypes(Wire):
    test_types = fields.List(fields.Nested(TestType))
