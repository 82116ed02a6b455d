"""The hosts under test with their models and state, and the test types."""

from typing import Any

from marshmallow import fields

from api.schemas import Answer, Wire
from api.schemas.results import moment
from api.schemas.text import text


def option_value(**options: Any) -> fields.Raw:  # noqa: ANN401 - as in marshmallow
    """Return a field for a number, a list of them, or null."""
    kinds = [{"type": "number"}, {"type": "array", "items": {"type": "number"}}, {"type": "null"}]
    metadata = {"oneOf": kinds, **options.pop("metadata", {})}
    return fields.Raw(allow_none=True, metadata=metadata, **options)


class OnHost(Wire):
    host = text(100, metadata={"description": "A host of GET /hosts. Default: the first."})


class InstalledModel(Answer):
    """A model that is installed on a host."""

    name = fields.String(metadata={"description": "The name to submit a session with.", "example": "llama3.2:3b"})
    tags = fields.List(
        fields.String(), metadata={"description": "Its tag, family, parameter size, quantisation and capabilities."}
    )
    capabilities = fields.List(
        fields.String(), allow_none=True, metadata={"description": "null if the host did not respond in time."}
    )
    version = fields.String(metadata={"description": "The short digest."})
    size = fields.Integer(allow_none=True, metadata={"description": "bytes"})
    modified = fields.String(allow_none=True, metadata={"format": "date-time"})
    last_measured = moment("When its newest completed test on this host ended.", allow_none=True)


class InstalledModels(Answer):
    """The models that are installed on a host."""

    models = fields.List(fields.Nested(InstalledModel))


class LoadedModel(Answer):
    """A model in the memory of an Ollama."""

    name = fields.String()
    size = fields.Integer(allow_none=True, metadata={"description": "bytes"})
    size_vram = fields.Integer(allow_none=True, metadata={"description": "bytes on a GPU. The rest runs on the CPU."})
    context = fields.Integer(allow_none=True, metadata={"description": "Loaded context length in tokens."})
    expires = fields.String(
        allow_none=True, metadata={"format": "date-time", "description": "When it is unloaded if it is not used."}
    )


class WaitingSession(Answer):
    """A session that waits for a host."""

    id = fields.String(metadata={"format": "uuid"})
    name = fields.String(allow_none=True)
    models = fields.List(fields.String())
    test_types = fields.List(fields.String())
    submitted = moment("When it was submitted.")
    expected_start = moment("When it will probably start. null: one before it has no known end.", allow_none=True)
    expected_end = moment("When it will probably end. null: it was not measured so yet.", allow_none=True)


class Queue(Answer):
    """The sessions that wait for a host."""

    waiting = fields.Integer(metadata={"description": "Number of sessions waiting for this host."})
    oldest = fields.Integer(allow_none=True, metadata={"description": "Milliseconds since the oldest was submitted."})
    first = fields.List(fields.Nested(WaitingSession), metadata={"description": "At most five, the oldest first."})


class CurrentSession(Answer):
    """The session that is running on a host, with its last progress."""

    id = fields.String(metadata={"format": "uuid"})
    name = fields.String(allow_none=True)
    models = fields.List(fields.String())
    test_types = fields.List(fields.String())
    model = fields.String(allow_none=True)
    test_type = fields.String(allow_none=True)
    progress = fields.Float(allow_none=True, metadata={"description": "percent of the test; null before the first."})
    session_progress = fields.Float(allow_none=True, metadata={"description": "percent of the whole session."})
    expected_end = moment(
        "When it will probably end, if its tests take as long as before. null: some were never measured so.",
        allow_none=True,
    )


class Sampler(Answer):
    """The state of a host's sampler."""

    age = fields.Integer(metadata={"description": "Milliseconds since its last reading."})
    hz = fields.Float(allow_none=True, metadata={"description": "Readings per second, from the last ones."})
    missing = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        allow_none=True,
        metadata={"description": "Values that it cannot read, with the reason; null without an inventory."},
    )


class Host(Answer):
    """A host under test, and its state."""

    name = fields.String()
    machine = fields.String(
        metadata={"description": "Its computer. Sessions on hosts of one machine run one after the other."}
    )
    url = fields.String()
    reachable = fields.Boolean(metadata={"description": "Whether its Ollama responds."})
    reason = fields.String(allow_none=True, metadata={"description": "Why it cannot be reached."})
    advice = fields.String(allow_none=True, metadata={"description": "What else to do about it."})
    version = fields.String(allow_none=True, metadata={"description": "Ollama's version."})
    loaded = fields.List(
        fields.Nested(LoadedModel), allow_none=True, metadata={"description": "Models in memory; null if unreachable."}
    )
    queue = fields.Nested(Queue)
    session = fields.Nested(
        CurrentSession, allow_none=True, metadata={"description": "The session that is running there."}
    )
    sampler = fields.Nested(Sampler, allow_none=True, metadata={"description": "null if it has not reported."})


class Hosts(Answer):
    """The hosts under test."""

    hosts = fields.List(fields.Nested(Host))


class Option(Answer):
    """An option of a test type."""

    name = fields.String()
    unit = fields.String()
    default = option_value(metadata={"description": "null: the test chooses what it needs."})
    minimum = fields.Raw(metadata={"type": "number"})
    maximum = fields.Raw(metadata={"type": "number"})
    decimals = fields.Integer(metadata={"description": "The maximum of decimals. 0: only whole numbers are allowed."})
    description = fields.String()
    many = fields.Boolean(
        attribute="multiple",
        metadata={"description": "Whether a list is allowed. The test measures each value."},
    )


class TestType(Answer):
    """A test type, and its options."""

    name = fields.String()
    title = fields.String(metadata={"description": "What the test type measures, in plain words."})
    question = fields.String(metadata={"description": "The question that the test type answers."})
    headline = fields.String(metadata={"description": "The main metric."})
    options = fields.List(fields.Nested(Option))


class TestTypes(Answer):
    """The test types."""

    test_types = fields.List(fields.Nested(TestType))
