"""The JSON Schema of the session document, from the types that it is checked against."""

from collections.abc import Sequence
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from api.formats.documents.checks.declared_types import required
from api.formats.documents.shapes import CLOSED, LENIENT, Document
from common.values.free_json import Json

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}
MOMENTS = ("at", "createdAt", "startedAt", "finishedAt", "prunedAt")
FORMATS: dict[str, Json] = {name: {"format": "date-time"} for name in MOMENTS} | {
    "id": {"format": "uuid"},
    "data": {"contentEncoding": "base64"},
}


def document_schema() -> Json:
    """Return the JSON Schema of a session document of this version."""
    definitions: dict[str, Json] = {}
    found = _described(Document, definitions)
    title = {"$schema": DIALECT, "title": "A session of Gait"}
    return {**title, **definitions.pop(found["$ref"].rpartition("/")[2]), "$defs": dict(sorted(definitions.items()))}


def _described(declared: Any, definitions: dict[str, Json]) -> Json:  # noqa: ANN401, PLR0911 - any type, and one return for each kind
    if declared is Any:
        return {}
    if is_typeddict(declared):
        return _reference(declared, definitions)
    origin, arguments = get_origin(declared), get_args(declared)
    if origin in (Union, UnionType):
        return _union([_described(each, definitions) for each in arguments])
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (list, Sequence):
        return {"type": "array", "items": _described(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _described(arguments[1], definitions)}
    return {"type": PLAIN[declared]}


def _union(alternatives: list[Json]) -> Json:
    """Return a schema for one of several: by a list of types if they are nothing but types."""
    if all(each.keys() == {"type"} for each in alternatives):
        return {"type": [each["type"] for each in alternatives]}
    return {"anyOf": alternatives}


def _reference(declared: type, definitions: dict[str, Json]) -> Json:
    name = declared.__name__.removesuffix("Part")
    if name not in definitions:
        definitions[name] = {}  # a type may refer to itself
        definitions[name] = _object(declared, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _object(declared: type, definitions: dict[str, Json]) -> Json:
    fields = {
        name: _described(hint, definitions) | FORMATS.get(name, {}) for name, hint in get_type_hints(declared).items()
    }
    needed = required(declared, LENIENT)
    return {
        "type": "object",
        "description": cleandoc(declared.__doc__ or "").partition("\n\n")[0],
        "properties": fields,
        "required": [name for name in fields if name in needed],
        **({"additionalProperties": False} if declared in CLOSED or declared is Document else {}),
    }
