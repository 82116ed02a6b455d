"""The shapes of Ollama's replies, and how each is read: by type and range, so that no wrong value gets further."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

import structlog
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from common.values.free_json import Json

MAX_COUNT = 2**63 - 1
MAX_LENGTH = 500
MAX_ENTRIES = 5000
"""Checking an entry takes 50 microseconds, and the API has one thread for it."""
MAX_LAYERS = 100_000
CONTAINERS = (fields.Nested, fields.List)
"""Fields that keep what is valid in them."""
MAX_LOGGED = 1000
"""Number of different faults of replies that a process logs, each once."""

logger = structlog.get_logger(__name__)


class Reply(Schema):
    """An object in a reply. A field without a valid value is None, unless it is required."""

    class Meta:
        unknown: ClassVar[str] = EXCLUDE

    def read(self, found: object, source: str) -> Json:
        """Return the object's fields, and log the wrong ones. `source` is the URL of the reply.

        Raises:
            ValueError: if `found` is not an object, or a required field has no valid value.
        """
        try:
            return dict(self.load(found))  # type: ignore[arg-type] # anything may come, and load checks it
        except ValidationError as error:
            problems: Json = error.normalized_messages()  # type: ignore[no-untyped-call]
            _log(source, _described(found, problems))
            names = {field.data_key or name: name for name, field in self.fields.items()}
            if any(key not in names or self.fields[names[key]].required for key in problems):
                raise ValueError(_described(found, problems)) from error
            wrong = {names[key] for key in problems if not isinstance(self.fields[names[key]], CONTAINERS)}
            valid = {name: value for name, value in dict(error.valid_data or {}).items() if name not in wrong}
            return dict.fromkeys(names.values()) | valid


class Text(fields.String):
    """A text of `low` letters or more that can be shown and stored everywhere: printable, and not long."""

    def __init__(self, low: int = 0, **options: Any) -> None:  # noqa: ANN401 - those of a field
        checks = [validate.Length(low, MAX_LENGTH), validate.Predicate("isprintable", error="is not printable")]
        super().__init__(validate=checks, **options)


class Whole(fields.Integer):
    """A whole number from `low` to `high`. Booleans, floats and texts are wrong."""

    def __init__(self, low: int = 0, high: int = MAX_COUNT, **options: Any) -> None:  # noqa: ANN401 - as above
        super().__init__(validate=validate.Range(low, high), **options)

    def _validated(self, value: Any) -> Any:  # noqa: ANN401 - as in marshmallow
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Digest(Text):
    """A digest in lower case, without the name of its algorithm."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - as in marshmallow
        return super()._deserialize(value, *args, **kwargs).lower().removeprefix("sha256:")


class Version(Reply):
    """The reply of /api/version."""

    version = fields.String(required=True)


class Details(Reply):
    """What /api/tags reports of a model's kind."""

    format = Text(load_default=None)
    family = Text(load_default=None)
    parameter_size = Text(load_default=None)
    quantization_level = Text(load_default=None)


class Installed(Reply):
    """An entry of /api/tags. Cloud models have a `remote_host`."""

    name = Text(1, required=True)
    digest = Digest(1, required=True)
    size = Whole(load_default=None)
    modified = Text(data_key="modified_at", load_default=None)
    details = fields.Nested(Details, load_default=None)
    remote_host = fields.Raw(load_default=None)


class Loaded(Reply):
    """An entry of /api/ps."""

    name = Text(1, required=True)
    digest = Digest(1, load_default=None)
    size = Whole(load_default=None)
    size_vram = Whole(load_default=None)
    context_length = Whole(load_default=None)
    expires = Text(data_key="expires_at", load_default=None)

    @validates_schema
    def _check_part(self, data: Mapping[str, Any], **_: object) -> None:
        size, size_vram = data.get("size"), data.get("size_vram")
        if size is not None and size_vram is not None and size_vram > size:
            raise ValidationError("is larger than size", "size_vram")


class Shown(Reply):
    """The reply of /api/show. `model_info` has facts under names that depend on the model's architecture."""

    capabilities = fields.List(fields.String(), load_default=None)
    model_info = fields.Dict(keys=fields.String(), load_default=None)
    modelfile = fields.String(load_default=None)


class Architecture(Reply):
    """Facts of `model_info` under the names of the model's own architecture."""

    context_length = Whole(1, load_default=None)
    block_count = Whole(1, MAX_LAYERS, load_default=None)


class LastLine(Reply):
    """The last line of an answer: counts of tokens, and durations in nanoseconds."""

    total_ns = Whole(data_key="total_duration", load_default=None)
    load_ns = Whole(data_key="load_duration", load_default=None)
    prompt_tokens = Whole(data_key="prompt_eval_count", load_default=None)
    cached_tokens = Whole(data_key="prompt_eval_cached_count", load_default=None)
    prompt_ns = Whole(data_key="prompt_eval_duration", load_default=None)
    output_tokens = Whole(data_key="eval_count", load_default=None)
    output_ns = Whole(data_key="eval_duration", load_default=None)


def read_list(schema: Reply, found: object, source: str) -> list[Json]:
    """Return the first entries of a list. One that cannot be read is logged and left out; None is an empty list.

    Raises:
        ValueError: if `found` is not a list.
    """
    if found is None:
        return []
    if not isinstance(found, list):
        raise ValueError(f"{str(found)[:80]!r} is not a list")  # noqa: TRY004 - a wrong value, not a wrong call
    if len(found) > MAX_ENTRIES:
        _log(source, f"only the first {MAX_ENTRIES} of {len(found)} entries are read")
    return [entry for one in found[:MAX_ENTRIES] if (entry := _entry(schema, one, source)) is not None]


def _entry(schema: Reply, found: object, source: str) -> Json | None:
    try:
        return schema.read(found, source)
    except ValueError:
        return None


def _described(found: object, problems: Mapping[str, Any]) -> str:
    """Return `FIELD is WRONG VALUE` for each wrong field, after the name of the entry if it has one."""
    known = found if isinstance(found, dict) else {}
    values = ", ".join(f"{key} is {known.get(key, 'missing')!r:.80}" for key in problems if key != "_schema")
    name = f"{known['name']!r:.80}: " if known.get("name") else ""
    return f"{name}{values or 'not an object'}"


@lru_cache(MAX_LOGGED)
def _log(source: str, problem: str) -> None:
    """Log a fault of a reply once a process, however often the reply comes."""
    logger.warning(
        "a reply of Ollama is wrong: the value is taken as unknown, or its entry is left out",
        url=source,
        problem=problem,
    )
